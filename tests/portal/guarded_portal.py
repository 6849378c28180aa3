"""Serves guarded_page.py with the portal's own sign-in, without model and index."""

import os
import sys
from pathlib import Path

import streamlit as st
import uvicorn
from streamlit.web import bootstrap

from kb.settings import Settings
from portal.current import hold_knowledge
from portal.server import OPTIONS
from portal.shell import PAGE_ROUTES
from portal.sign_in import SIGN_IN_ROUTES
from tests.portal.fake_knowledge import FakeKnowledge

settings = Settings(data=Path(os.environ["KB_DATA"]), port=int(os.environ["KB_PORT"]), title="Acme Help")
bootstrap.load_config_options({**OPTIONS, "server.address": "127.0.0.1", "server.port": settings.port})
hold_knowledge(FakeKnowledge(settings=settings))
app = st.App(Path(__file__).parent / "guarded_page.py", routes=[*SIGN_IN_ROUTES, *PAGE_ROUTES])


class Announcing(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets)
        sys.stdout.write("serving\n")
        sys.stdout.flush()


Announcing(uvicorn.Config(app, host="127.0.0.1", port=settings.port, log_level="warning", proxy_headers=False)).run()
