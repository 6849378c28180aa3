"""Nothing that somebody brought in is ever served as a page: by its content, in a sandbox, or not at all. No other site gets a word in."""

import io
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.runtime import get_instance
from streamlit.runtime.memory_media_file_storage import MediaFileKind

from kb.image_types import HEAD_BYTES, media_type
from kb.settings import Settings
from portal import server
from portal.current import hold_knowledge
from portal.image_upload import TOKEN_HEADER
from portal.images import SUFFIXES, find_image
from portal.server import build_app
from tests.portal.fake_knowledge import FakeKnowledge

BASE = "http://help.example"
PAGE = b"<!DOCTYPE html><script>alert(document.domain)</script>"
DRAWING = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
EVIL = "https://evil.example"


def encoded(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, kind)
    return file.getvalue()


IMAGES = {"image/png": encoded("PNG"), "image/jpeg": encoded("JPEG"), "image/gif": encoded("GIF"), "image/webp": encoded("WEBP"), "image/avif": encoded("AVIF")}
NO_IMAGES = {
    "page": PAGE, "drawing": DRAWING, "drawing after blanks": b"\n \t" + DRAWING, "pdf": b"%PDF-1.7\n" + PAGE, "bitmap": b"BM" + PAGE, "icon": b"\0\0\1\0" + PAGE, "film": b"\0\0\0\x20ftypisom",
    "text": b"plain", "nothing": b"", "half": b"\x89PNG", "page after a mark": b"\xef\xbb\xbf" + PAGE, "archive": b"PK\x03\x04", "sound": b"RIFF\0\0\0\0WAVE", "script": b"alert(1)",
}  # fmt: skip


class ImageKnowledge(FakeKnowledge):
    def may_see_image(self, path, *, reader):
        return True


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    for number, content in enumerate(IMAGES.values()):
        (folder / f"image-{number}.png").write_bytes(content)
    for name, content in NO_IMAGES.items():
        (folder / f"{name.replace(' ', '-')}.png").write_bytes(content)
    for name, content in {"drawing.svg": DRAWING, "page.html": PAGE, "page.png.html": PAGE, "feed.xml": DRAWING, "code.js": b"alert(1)", "page.htm": PAGE, "a.svgz": DRAWING}.items():
        (folder / name).write_bytes(content)
    with (folder / "endless.png").open("wb") as file:
        file.write(IMAGES["image/png"])
        file.truncate(5_000_000_000)  # A hole: as large to read, nothing to store.
    return ImageKnowledge(settings=Settings(articles=folder))


@pytest.fixture(scope="module")
def client(knowledge):
    hold_knowledge(knowledge)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(server, "warm", lambda: None)
        with TestClient(build_app(knowledge.settings), base_url=BASE, follow_redirects=False) as client:
            yield client


def is_sandboxed(answer) -> bool:
    policy = answer.headers["content-security-policy"]
    return "default-src 'none'" in policy and policy.endswith("sandbox") and answer.headers["x-content-type-options"] == "nosniff"


# Images beside articles


@pytest.mark.parametrize(("number", "kind"), list(enumerate(IMAGES)))
def test_an_image_is_served_as_what_it_is_whatever_its_name_says(client, number, kind):
    answer = client.get(f"/media/image-{number}.png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    assert is_sandboxed(answer)


@pytest.mark.parametrize("name", NO_IMAGES)
def test_what_is_no_image_is_not_served_under_the_name_of_one(client, name):
    answer = client.get(f"/media/{name.replace(' ', '-')}.png")
    assert answer.status_code == 404
    assert b"alert" not in answer.content


@pytest.mark.parametrize("name", ["drawing.svg", "page.html", "page.png.html", "feed.xml", "code.js", "page.htm", "a.svgz", "drawing.svg%00.png", "drawing.svg/", "DRAWING.SVG"])
def test_no_drawing_page_or_script_of_the_articles_folder_is_served_at_all(client, name):
    answer = client.get(f"/media/{name}")
    assert answer.status_code in (400, 404)
    assert b"alert" not in answer.content


@given(st.binary(max_size=64), st.sampled_from([b"", b"<svg ", b"<!DOCTYPE html>", b"<?xml ", b"\xef\xbb\xbf<", b"<script>", b"%PDF-", b"GIF8", b"RIFF", b"\0\0\0\x1cftyp"]))
def test_only_five_beginnings_make_an_image_and_none_of_them_is_markup(content, beginning):
    head = (beginning + content)[:HEAD_BYTES]
    kind = media_type(head)
    assert kind in ("", *IMAGES)
    if kind:
        assert not head.lstrip().startswith(b"<")


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["..", ".", "", "en", "image-0.png", "~", "\\", "..\\", "%2e%2e", "\u2025", "etc", "passwd", ".git", "a" * 300, "\0", "\n", "\ud800", "C:"]), max_size=6).map("/".join))
def test_no_name_leads_out_of_the_folder_or_to_what_is_hidden(knowledge, name):
    found = find_image(knowledge.settings.articles, name)
    assert found is None or (found.is_relative_to(knowledge.settings.articles.resolve()) and found.suffix in SUFFIXES)


def test_an_image_of_gigabytes_is_sent_piece_by_piece(client):
    answer = client.get("/media/endless.png", headers={"Range": "bytes=0-99"})
    assert (answer.status_code, len(answer.content)) == (206, 100)
    # A thousand overlapping pieces ask for five million megabytes; what cannot be served so is refused.
    many = ",".join("0-4999999999" for _ in range(1000))
    with client.stream("HEAD", "/media/endless.png", headers={"Range": f"bytes={many}"}) as answer:
        assert answer.status_code in (200, 206, 400, 416)
        assert int(answer.headers.get("content-length", 0)) <= 5_000_000_000


# What the portal itself hands out


@pytest.mark.parametrize(("content", "kind"), [(PAGE, "text/html"), (DRAWING, "image/svg+xml"), (b"=1+1", "text/csv")])
def test_a_download_is_an_attachment_in_a_sandbox(client, content, kind):
    storage = get_instance().media_file_mgr._storage
    file = storage.load_and_get_id(content, kind, MediaFileKind.DOWNLOADABLE, "report\r\nX: y.html")
    answer = client.get(storage.get_url(file))
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment") and "x" not in answer.headers
    assert is_sandboxed(answer)


def test_the_look_of_the_portal_is_its_own_files_and_nothing_beside_them(client):
    assert client.get("/look/portal.css").headers["content-type"].startswith("text/css")
    for path in ("/look/../server.py", "/look/..%2fserver.py", "/look/%2e%2e/server.py", "/look//etc/passwd", "/look/..\\server.py", "/look/portal.css/..%2f..%2fserver.py"):
        answer = client.get(path)
        assert answer.status_code in (400, 404), path
        assert b"import" not in answer.content


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
@pytest.mark.parametrize("path", ["/_stcore/upload_file/a/b", "/_stcore/agent/interact", "/auth/login", "/auth/logout", "/oauth2callback", "/app/static/page.html", "/_stcore/metrics"])
def test_doors_of_streamlit_that_nobody_needs_are_closed_to_every_method(client, method, path):
    assert client.request(method, path, content=PAGE).status_code == 404


# Other sites


@pytest.mark.parametrize("origin", [EVIL, "null", "http://[", "http://help.example.evil.example", "http://help.example:81", "http://help.example@evil.example", "//help.example.", "x" * 5000])
def test_a_form_an_image_and_a_reading_of_another_site_are_refused(client, origin):
    headers = {"Origin": origin, TOKEN_HEADER: "x"}
    assert client.post("/read", content=json.dumps({"article": "en/a", "seconds": 9}), headers=headers).status_code == 400
    assert client.post("/sign-in", data={"name": "mei", "password": "x" * 12, "token": "x"}, headers=headers).status_code == 403
    assert client.post("/sign-out", data={"token": "x"}, headers=headers).status_code == 403
    assert client.post("/add-image?article=en/a&name=a.png", content=IMAGES["image/png"], headers=headers).status_code == 403


@pytest.mark.parametrize("origin", [EVIL, "null", "http://[", "http://HELP.example", "http://help.example:81"])
def test_a_websocket_of_another_site_is_refused(client, origin):
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/_stcore/stream", headers={"Origin": origin}):
        pass


@pytest.mark.parametrize("path", ["/", "/media/image-0.png", "/_stcore/health", "/_stcore/host-config", "/healthz", "/look/portal.js"])
def test_no_answer_may_be_read_or_framed_by_another_site(client, path):
    answer = client.get(path, headers={"Origin": EVIL})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers
    assert re.search(r"frame-ancestors '(self|none)'", answer.headers["content-security-policy"])
