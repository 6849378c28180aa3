"""The list of doors, each with the role that it takes: who adds a page, a route or a function adds it here."""

from __future__ import annotations

import time
from collections.abc import Callable

from feedback.audience import Visit
from kb.readers import Reader, Scope
from portal.auditing import AuditDesk
from portal.desk import Desk
from portal.knowledge import KnowledgeBase
from portal.lead import LeadDesk
from portal.writing import WritingDesk
from tests.portal.doors_base import ALL, OKAPI, QUERY, SHADOW

CUSTOMER_PAGES = ("home", "article", "browse", "ask", "question", "my_data")
TEAM_PAGES = {
    # page: role, what its address names, a mark that whoever has the role sees there
    "explain": ("agent", {"q": QUERY, "id": OKAPI.id}, ""),
    "gaps": ("agent", {}, "setonix"),
    "gap": ("agent", {"id": "{gap}"}, "setonix"),
    "questions": ("agent", {"ref": "{reference}"}, "setonix"),
    "records": ("agent", {}, ""),
    "articles": ("agent", {}, "giraffidity"),
    "edit": ("agent", {"article": OKAPI.id}, "stripebark"),
    "history": ("agent", {"article": OKAPI.id}, "giraffidity"),
    "coverage": ("lead", {}, ""),
    "topic": ("lead", {"key": f"a:{OKAPI.id}"}, ""),
    "targets": ("lead", {}, ""),
    "trends": ("lead", {}, ""),
    "performance": ("lead", {}, "giraffidity"),
    "report": ("lead", {}, ""),
    "audit": ("administrator", {}, ""),
}
ROUTES = {
    ("/healthz", "GET"), ("/readyz", "GET"), ("/read", "POST"), ("/sign-in", "GET"), ("/sign-in", "POST"), ("/sign-out", "POST"),
    ("/sign-in/company", "GET"), ("/sign-in/company/back", "GET"), ("/add-image", "POST"), ("/{lost}", "GET"),
}  # fmt: skip
"""Beside the pages, the look and the images."""

DOORS = {
    "its id": ("article", "id", lambda one: one.id if one is not SHADOW else ""),
    "its old address": ("article", "id", lambda one: one.old),
    "its category": ("browse", "category", lambda one: one.category),
    "its tag": ("browse", "tag", lambda one: one.tag),
    "its product": ("browse", "product", lambda one: one.product),
    "a question about it": ("ask", "article", lambda one: one.id),
    "a search in its product": ("home", "product", lambda one: one.product),
    "a search by its tag": ("home", "tag", lambda one: one.tag),
}


# Functions

OF_THE_BASE: dict[str, Callable[[KnowledgeBase, Reader], object]] = {
    "search": lambda base, reader: [base.search(text, scope=Scope(reader)).hits for text in (QUERY, "giraffidity stripebark", "鹭暗号")],
    "popular": lambda base, reader: [base.popular(lang, reader=reader, limit=50) for lang in ("en", "zh")],
    "recent": lambda base, reader: [base.recent(lang, reader=reader, limit=50) for lang in ("en", "zh")],
    "categories": lambda base, reader: [base.categories(lang, reader=reader) for lang in ("en", "zh")],
    "browse": lambda base, reader: base.browse(Scope(reader)),
    "tags": lambda base, reader: [base.tags(lang, reader=reader) for lang in ("en", "zh")],
    "titles": lambda base, reader: base.titles([one.id for one in ALL], reader=reader),
    "own_data": lambda base, reader: base.own_data("browser-of-somebody", reader=reader),
}
"""What takes a reader and gives more than one article."""
OF_AN_ARTICLE: dict[str, Callable[[KnowledgeBase, Reader, str], object]] = {
    "article": lambda base, reader, article: base.article(article, reader=reader),
    "source": lambda base, reader, article: base.source(article, reader=reader),
    "explain": lambda base, reader, article: base.explain(QUERY, article, reader=reader),
    "record_open": lambda base, reader, article: base.record_open(article, session="a tester", reader=reader),
    "vote": lambda base, reader, article: base.vote(article, True, session="a tester", reader=reader),
    "explain_vote": lambda base, reader, article: base.explain_vote(article, session="a tester", reason="unclear", reader=reader),
    "may_see_image": lambda base, reader, article: base.may_see_image(f"{article.rpartition('/')[0]}/{OKAPI.image}", reader=reader),
    "ask_team": lambda base, reader, article: base.ask_team("Why?", visit=Visit(f"a tester {time.monotonic_ns()}"), article=article, reader=reader).article,
}
"""What takes a reader and an article that is there for them. The last two answer False and '' when it is not, the others raise ArticleNotFound."""
BY_SESSION = {"record_read", "search_behind", "vote_on", "trail"}
"""What a browser left behind is for the browser that names it: its random session is the key."""
BY_REFERENCE = {"question", "settle_question", "rate_question"}
BY_ACCOUNT = {"desk", "writing_desk", "lead_desk", "audit_desk", "audited"}
INSIDE = {
    # For commands, for what runs beside the pages, and for the desks: no page of customers asks for them.
    "is_demonstration", "export_person", "erase_person", "group", "update_gaps", "refresh_gaps", "count_days", "expire", "is_indexed", "replay", "compare", "lint", "lint_text",
    "token_means", "index", "test_standing", "doctor", "measure", "measure_own", "measure_latency", "warm_up", "readiness", "beat",
}  # fmt: skip

DESKS = {
    Desk: {
        "agent": (
            "refresh", "gaps", "reopened_mine", "choices", "has_gaps", "gap", "single", "assign", "close", "dismiss", "reopen_gap", "note_gap", "rename", "classify",
            "merge", "split", "gap_reply", "draft_gap", "proofs", "waiting", "tell", "suggest_aliases", "suggest_synonyms", "add_synonyms", "assumptions",
            "self_service", "questions", "find_question", "trail", "acknowledge", "reply", "close_question", "draft_question", "count_person", "export_person",
            "note_export",
        ),
        "lead": ("assume", "erase_person"),
    },
    LeadDesk: {"lead": ("refresh", "products", "coverage", "topic", "targets", "trends", "articles", "people")},
    AuditDesk: {"administrator": ("choices", "lines", "check")},
    WritingDesk: {
        "agent": (
            "shelf", "create", "begin", "read", "open", "on_disk", "keep", "discard", "preview", "save", "move", "replay", "gap_of", "publish", "rename", "add_image",
            "comments", "comment", "resolve", "revisions", "text_at", "restore",
        ),
    },
}  # fmt: skip
OPEN_TO_ALL = {
    # The calendar, and whether there is Git: nothing of anybody.
    LeadDesk: {"zone", "today", "last_days", "last_week", "period"}, WritingDesk: {"has_history"},
}  # fmt: skip
