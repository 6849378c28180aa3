"""What the server answers before any script runs: health, headers, images, and the page that a crawler reads."""

import contextlib
import io
import socket
from types import SimpleNamespace

import pytest
from PIL import Image
from starlette.testclient import TestClient

from kb.errors import IndexMissing, SettingsError
from kb.settings import Settings
from portal.current import hold_knowledge
from portal.images import find_image
from portal.security import content_policy
from portal.server import build_app, listen
from tests.portal.fake_knowledge import FakeKnowledge


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory):
    folder = tmp_path_factory.mktemp("articles")
    (folder / "en").mkdir()
    (folder / "en" / "shot.png").write_bytes(png())
    (folder / "en" / "secret.md").write_text("internal", encoding="utf-8")
    (folder / "en" / "page.html").write_text("<script>1</script>", encoding="utf-8")
    (folder / "en" / "drawing.svg").write_text("<svg/>", encoding="utf-8")
    (folder / ".hidden.png").write_bytes(png())
    outside = tmp_path_factory.mktemp("outside") / "outside.png"
    outside.write_bytes(png())
    (folder / "en" / "way-out.png").symlink_to(outside)
    (folder / "en" / "inside.png").symlink_to(folder / "en" / "shot.png")
    (folder / "en" / "text.png").symlink_to(folder / "en" / "secret.md")
    (folder / "en" / "loop.png").symlink_to(folder / "en" / "loop.png")
    (folder / "en" / "folder.png").mkdir()
    fake = FakeKnowledge(settings=Settings(articles=folder, title="Acme <Help>"))
    fake.readiness = lambda: SimpleNamespace(ready=True, parts={"index": "ok", "model": "ok", "database": "ok"})
    fake.warm_up = lambda: None
    hold_knowledge(fake)
    return fake


@pytest.fixture(scope="module")
def client(knowledge):
    with TestClient(build_app(knowledge.settings)) as client:
        yield client


@pytest.fixture(autouse=True)
def held(knowledge):
    hold_knowledge(knowledge)


def test_the_process_says_that_it_is_up(client):
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok")


def test_a_usable_knowledge_base_is_ready(client):
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "parts": {"index": "ok", "model": "ok", "database": "ok"}}


def test_an_unusable_one_is_not_and_says_which_part(client, knowledge, monkeypatch):
    parts = {"index": "nothing is indexed; run `kb index`", "model": "ok", "database": "ok"}
    monkeypatch.setattr(knowledge, "readiness", lambda: SimpleNamespace(ready=False, parts=parts))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "parts": parts}


@pytest.mark.parametrize("path", ["/", "/article?id=x", "/healthz", "/look/portal.js", "/nowhere"])
def test_every_answer_carries_the_content_policy(client, path):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "object-src 'none'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1].split(";")[0]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_policy_allows_exactly_the_inline_scripts_of_the_page():
    # printf 'alert(1)' | openssl dgst -sha256 -binary | base64
    policy = content_policy("<script>alert(1)</script><script src='/x.js'></script>")
    assert "script-src 'self' 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='; " in policy


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/agent/mcp", "/_stcore/upload_file/a/b"])
def test_what_readers_do_not_need_is_closed(client, path):
    assert client.get(path).status_code == 404
    assert client.post(path, json={}).status_code == 404


def test_an_image_beside_an_article_is_served_as_an_image(client):
    answer = client.get("/media/en/shot.png")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, "image/png", png())
    assert client.get("/media/en/inside.png").status_code == 200


@pytest.mark.parametrize(
    "name",
    [
        "en/secret.md",
        "en/page.html",
        "en/drawing.svg",
        "en/way-out.png",
        "en/text.png",
        "en/loop.png",
        "en/folder.png",
        ".hidden.png",
        "../outside.png",
        "en/../../outside.png",
        "en//shot.png",
        "/etc/passwd",
        "en/shot.png\0.png",
        "en/missing.png",
        "a" * 5000 + ".png",
    ],
)
def test_nothing_else_of_the_folder_and_nothing_outside_it_is_served(knowledge, name):
    assert find_image(knowledge.settings.articles, name) is None


@pytest.mark.parametrize(
    "path", ["/media/..%2f..%2fetc/passwd", "/media/en/%2e%2e/%2e%2e/x.png", "/media/en/way-out.png", "/media/en/secret.md"]
)
def test_asking_for_it_over_http_is_refused(client, path):
    assert client.get(path).status_code in (400, 404)


def test_the_page_is_in_the_readers_language_before_any_script_runs(client):
    assert '<html lang="zh-CN">' in client.get("/", headers={"Accept-Language": "zh-TW,zh;q=0.9"}).text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "de"}).text
    assert '<html lang="en">' in client.get("/?lang=en", headers={"Accept-Language": "zh"}).text


def test_a_chosen_language_is_remembered_and_an_unknown_one_is_not_taken_over(client):
    client.cookies.clear()
    client.get("/?lang=zh", headers={"Accept-Language": "en"})
    assert '<html lang="zh-CN">' in client.get("/", headers={"Accept-Language": "en"}).text
    client.get("/?lang=%22%3E%3Cscript%3E")
    assert client.cookies.get("kb_lang") in ("zh", "en")
    client.cookies.clear()


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    client.cookies.clear()
    cookie = client.get("/").headers["set-cookie"]
    assert cookie.startswith("kb_session=") and "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age" not in cookie
    assert "set-cookie" not in client.get("/").headers
    client.cookies.clear()
    assert "Secure" in client.get("/", headers={"X-Forwarded-Proto": "https"}).headers["set-cookie"]


def test_an_article_can_be_read_without_script_and_names_its_translation(client):
    page = client.get("/article?id=en/customers/refund").text
    assert "<title>Get a refund · Acme &lt;Help&gt;</title>" in page
    assert "<p>Ask within 14 days.</p>" in page.split("<noscript>")[1]
    assert '<link rel="alternate" hreflang="zh" href="/article?id=zh/customers/refund" />' in page


def test_an_unknown_article_answers_404_with_a_page_for_people(client):
    answer = client.get("/article?id=%3Cscript%3Ealert(1)%3C/script%3E")
    assert answer.status_code == 404
    assert '<div id="root">' in answer.text and "<script>alert" not in answer.text


def test_an_address_that_is_no_page_answers_404_in_the_readers_language(client):
    answer = client.get("/nowhere", headers={"Accept-Language": "zh"})
    assert answer.status_code == 404
    assert "<h1>没有这个页面</h1>" in answer.text and 'action="/"' in answer.text


def test_readers_without_script_come_from_home_to_every_article(client):
    assert 'href="/browse"' in client.get("/").text.split("<noscript>")[1]
    assert 'href="/article?id=en/policies/hours"' in client.get("/browse", headers={"Accept-Language": "en"}).text


def test_a_knowledge_base_without_index_still_serves_its_page(client, knowledge, monkeypatch):
    def missing(*_, **__):
        raise IndexMissing("nothing is indexed")

    monkeypatch.setattr(knowledge, "browse", missing)
    assert client.get("/browse").status_code == 200


def test_the_page_asks_nothing_of_other_hosts(client):
    page = client.get("/").text
    assert "http://" not in page.replace("http://www.apache.org/licenses/LICENSE-2.0", "") and "https://" not in page


def test_a_port_in_use_is_one_line_that_names_the_setting():
    with contextlib.closing(socket.socket()) as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"cannot serve on 127\.0\.0\.1:{port}: Address already in use; .*KB_PORT or --port"):
            listen(Settings(port=port))


def test_a_host_that_is_not_this_machine_is_refused_by_name():
    with pytest.raises(SettingsError, match="cannot serve on 192.0.2.1:8501: .*KB_HOST"):
        listen(Settings(host="192.0.2.1"))
