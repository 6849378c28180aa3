"""The addresses outside of Streamlit answer what portal/openapi.yaml says, whatever is sent to them: no fault of the server, no other status."""

import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from starlette.testclient import TestClient

from kb.accounts import Accounts
from portal import server
from portal.current import hold_knowledge
from portal.forms import FORM_COOKIE, STAFF_COOKIE, form_token
from portal.health import HEALTH_ROUTES
from portal.image_upload import IMAGE_ROUTES, TOKEN_HEADER
from portal.oidc import COMPANY_ROUTES
from portal.reading import READ_ROUTES
from portal.server import build_app
from portal.shell import PAGE_ROUTES
from portal.sign_in import SIGN_IN_ROUTES
from tests.kb.import_samples import png
from tests.portal.fake_knowledge import FakeKnowledge
from tests.portal.writing_desks import REFUND, WritingKnowledge

DESCRIPTION = Path(__file__).parents[2] / "portal" / "openapi.yaml"
SCHEMA = schemathesis.openapi.from_dict(yaml.safe_load(DESCRIPTION.read_text(encoding="utf-8")))
BASE = "http://help.example"
PASSWORD = "four words of my own"
schemathesis.checks.load_all_checks()
CHECKS = schemathesis.checks.CHECKS.get_by_names(
    ["not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance", "response_schema_conformance"]
)


class ServedKnowledge(FakeKnowledge):
    """Three articles to read, and the files, accounts and images of a team that writes."""

    def __init__(self, folder: Path) -> None:
        self.written = WritingKnowledge(folder)
        super().__init__(settings=self.written.settings)
        self.written.write("en/billing/refund.md", REFUND)
        (self.settings.articles / "en" / "shot.png").write_bytes(png())
        self.readings = Counter()
        self.writing_desk = self.written.writing_desk
        self.accounts, self.token = Accounts(self.settings.database), ""
        self.accounts.add("mei", "agent", PASSWORD)

    def staff_token(self):
        """A sign-in that holds: passwords are slow to check, and some requests sign out."""
        if not self.accounts.account_of(self.token):
            self.token = self.accounts.sign_in("mei", PASSWORD, address="203.0.113.7")
        return self.token

    def readiness(self):
        return SimpleNamespace(ready=True, parts={"index": "ok", "model": "ok", "database": "ok"})

    def may_see_image(self, path, *, reader):
        return True

    def record_read(self, article, *, session, seconds):
        self.readings[article] += 1


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory):
    knowledge = ServedKnowledge(tmp_path_factory.mktemp("served"))
    yield knowledge
    knowledge.written._renderer.close()


@pytest.fixture(scope="module")
def client(knowledge):
    hold_knowledge(knowledge)
    with pytest.MonkeyPatch.context() as patched:
        # There is no model to load, and none of these addresses asks for it.
        patched.setattr(server, "warm", lambda: None)
        yield from open_client(knowledge)


def open_client(knowledge):
    with TestClient(build_app(knowledge.settings), base_url=BASE, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture(params=["a stranger", "a page of ours", "an agent"])
def send(request, client, knowledge):
    """Sends a drawn request as somebody: a stranger's browser, one that shows a page of ours, or one whose reader is signed in."""
    hold_knowledge(knowledge)
    client.cookies.clear()
    if request.param == "a page of ours":
        client.cookies.set(FORM_COOKIE, "a secret of this browser")
    if request.param == "an agent":
        client.cookies.set(STAFF_COOKIE, knowledge.staff_token())
    token = form_token(client.cookies)
    kept = dict(client.cookies)

    def send_case(case):
        arguments = case.as_transport_kwargs(base_url=BASE)
        arguments.pop("cookies")
        if token:
            arguments["headers"].update({"Origin": BASE, TOKEN_HEADER: token})
            if isinstance(arguments.get("data"), dict):
                arguments["data"]["token"] = token
        if isinstance(arguments.get("data"), str | bytes):
            arguments["content"] = arguments.pop("data")
        # Signing out and in again is the test's own business: every request is sent by the same person.
        client.cookies.clear()
        client.cookies.update(kept)
        return client.request(**arguments)

    return send_case


@SCHEMA.parametrize()
@settings(max_examples=6, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
def test_an_address_answers_what_is_described_whatever_is_sent(send, case):
    case.validate_response(send(case), checks=CHECKS)


def test_every_address_of_ours_is_described():
    described = {(path, method.upper()) for path, methods in SCHEMA.raw_schema["paths"].items() for method in methods}
    routes = [route for route in (*HEALTH_ROUTES, *READ_ROUTES, *SIGN_IN_ROUTES, *COMPANY_ROUTES, *IMAGE_ROUTES, *PAGE_ROUTES) if hasattr(route, "methods")]
    ours = {(route.path, method) for route in routes for method in route.methods - {"HEAD"}}
    pages = {(path, method) for path, method in ours if method == "GET" and (path, method) not in described}
    assert ours - pages <= described
    assert all(re.fullmatch(r"/(?:[a-z-]*|\{lost\})", path) for path, _ in pages), "what is not described is a page: /{page}"
    assert described - ours == {("/media/{path}", "GET"), ("/{page}", "GET")}
