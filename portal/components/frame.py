"""What surrounds every page: head, foot, and one plain message when the knowledge base cannot answer."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from kb.errors import Busy, KnowledgeBaseError
from kb.settings import LANGUAGES
from portal.addresses import address
from portal.components.busy import offer_another_try
from portal.context import read_cookies
from portal.current import current_knowledge, shows_demonstration
from portal.drawing import draw
from portal.forms import form_token
from portal.guard import NotAllowed, say_no
from portal.messages import Messages
from portal.visitor import Visitor

LOG = logging.getLogger("kb.portal")

# Belongs to one reader's way here, not to the page that an address names.
UNSHARED = ("s", "lang")


@contextmanager
def page_frame(visitor: Visitor, *, page: str, with_search: bool = True) -> Iterator[None]:
    """Draws head and foot around the block. A fault of the knowledge base is logged, and shown without its details; when it is only busy, another
    try is offered."""
    _draw_header(visitor, page=page, with_search=with_search, site=current_knowledge().settings.title)
    try:
        yield
    except Busy as fault:
        LOG.warning("%s page: %s", page, fault)
        offer_another_try(visitor.t)
    except KnowledgeBaseError as fault:
        LOG.error("%s page: %s", page, fault)
        draw("fault", t=visitor.t)
    except NotAllowed as refusal:
        say_no(refusal.account)
        _draw_footer(visitor)
        # What stands below the frame is not for them either.
        st.stop()
    _draw_footer(visitor)


def name_tab(site: str, *, title: str = "") -> None:
    """Set the browser tab's title."""
    st.set_page_config(page_title=f"{title} · {site}" if title else site, layout="wide")


def _draw_header(visitor: Visitor, *, page: str, with_search: bool, site: str) -> None:
    other = Messages(next(lang for lang in LANGUAGES if lang != visitor.lang))
    here = {name: value for name, value in st.query_params.items() if name not in UNSHARED}
    name = other.language(other.lang)
    words = {"html_lang": other("html_lang"), "name": name, "switch": other("switch_language", language=name)}
    switch_address = address(page, **here, lang=other.lang)
    draw(
        "header", t=visitor.t, site=site, with_search=with_search, other=words, switch_address=switch_address,
        account=visitor.account, page=page, demonstration=shows_demonstration(), token=form_token(read_cookies()) if visitor.account else "",
    )  # fmt: skip


def _draw_footer(visitor: Visitor) -> None:
    settings = current_knowledge().settings
    draw("footer", t=visitor.t, site=settings.title, contact=settings.contact, account=visitor.account)
