"""What a browser says about reading is believed within bounds, from our own pages only, and never breaks anything."""

from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from kb.errors import DatabaseError
from portal.current import hold_knowledge
from portal.reading import READ_ROUTES

OWN = {"origin": "http://testserver"}


@pytest.fixture
def readings():
    told = []
    hold_knowledge(SimpleNamespace(record_read=lambda article, *, session, seconds: told.append((article, session, seconds))))
    return told


@pytest.fixture
def client(readings):
    with TestClient(Starlette(routes=READ_ROUTES), cookies={"kb_session": "anna"}) as client:
        yield client


def test_seconds_are_added_for_the_session_of_the_cookie(client, readings):
    answer = client.post("/read", content='{"article": "zh/退款", "seconds": 12.5}', headers=OWN)
    assert (answer.status_code, answer.content) == (204, b"")
    assert readings == [("zh/退款", "anna", 12.5)]


@pytest.mark.parametrize(("said", "believed"), [("-3", 0), ("0", 0), ("3601", 3600), ("1e308", 3600), ("Infinity", 3600), ("9" * 300, 3600)])
def test_seconds_are_kept_within_an_hour(client, readings, said, believed):
    assert client.post("/read", content=f'{{"article": "en/a", "seconds": {said}}}', headers=OWN).status_code == 204
    assert readings == [("en/a", "anna", believed)]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b'"x"', b"{}", b'{"article": "en/a"}', b'{"seconds": 3}', b'{"article": "", "seconds": 3}',
     b'{"article": 7, "seconds": 3}', b'{"article": "en/a", "seconds": "3"}', b'{"article": "en/a", "seconds": true}',
     b'{"article": "en/a", "seconds": null}', b'{"article": "en/a", "seconds": NaN}', b"\xff\xfe", b"[" * 1024,
     b'{"article": "' + b"a" * 1024 + b'", "seconds": 3}'],
)
def test_anything_else_is_refused(client, readings, body):
    assert client.post("/read", content=body, headers=OWN).status_code == 400
    assert readings == []


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {"origin": "http://testserver.evil.example"}])
def test_only_our_own_pages_are_listened_to(client, readings, headers):
    assert client.post("/read", content='{"article": "en/a", "seconds": 3}', headers=headers).status_code == 400
    assert readings == []


def test_a_browser_without_our_cookie_has_read_nothing(client, readings):
    client.cookies.clear()
    assert client.post("/read", content='{"article": "en/a", "seconds": 3}', headers=OWN).status_code == 204
    assert readings == []


def test_a_full_disk_is_logged_and_nothing_more(client, caplog):
    def refuse(article, *, session, seconds):
        raise DatabaseError("the disk is full")

    hold_knowledge(SimpleNamespace(record_read=refuse))
    assert client.post("/read", content='{"article": "en/a", "seconds": 3}', headers=OWN).status_code == 204
    assert "the disk is full" in caplog.text


def test_only_posting_is_answered(client):
    assert client.get("/read").status_code == 405
