"""The addresses outside of Streamlit answer what portal/openapi.yaml says, whatever is sent to them: no fault of the server, no other status."""

import re
from collections import Counter
from pathlib import Path

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, settings
from starlette.testclient import TestClient

from kb.accounts import Accounts
from kb.settings import Settings
from portal.current import hold_knowledge
from portal.forms import FORM_COOKIE, STAFF_COOKIE, form_token
from portal.health import HEALTH_ROUTES
from portal.image_upload import IMAGE_ROUTES, TOKEN_HEADER
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
CHECKS = [
    schemathesis.checks.not_a_server_error,
    schemathesis.checks.CHECKS.get_one("status_code_conformance"),
    schemathesis.checks.CHECKS.get_one("content_type_conformance"),
    schemathesis.checks.CHECKS.get_one("response_headers_conformance"),
    schemathesis.checks.CHECKS.get_one("response_schema_conformance"),
]
