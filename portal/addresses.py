"""The portal's addresses: every link is written here, so that an id or query can never break out of one."""

from __future__ import annotations

from urllib.parse import quote, urlencode

PATHS = {
    "home": "/",
    "article": "/article",
    "browse": "/browse",
    "ask": "/ask",
    "question": "/question",
    "my_data": "/my-data",
    "explain": "/explain",
    "gaps": "/gaps",
    "gap": "/gap",
    "questions": "/questions",
    "records": "/records",
    "articles": "/articles",
    "edit": "/edit",
    "history": "/history",
    "coverage": "/coverage",
    "topic": "/topic",
    "targets": "/targets",
    "trends": "/trends",
    "performance": "/performance",
    "report": "/report",
    "audit": "/audit",
    "add_image": "/add-image",
    "sign_in": "/sign-in",
    "sign_out": "/sign-out",
    "company": "/sign-in/company",
    "company_back": "/sign-in/company/back",
}
STAFF_PAGES = {
    **dict.fromkeys(("explain", "gaps", "gap", "questions", "records", "articles", "edit", "history"), "agent"),
    **dict.fromkeys(("coverage", "topic", "performance", "targets", "trends", "report"), "lead"),
    "audit": "administrator",
}
"""Pages of the team, each with the role that it takes; nobody else can open them."""
FORMS = ("sign_in", "sign_out", "company", "company_back", "add_image")
"""Addresses that are answered without Streamlit, because a page script can set no cookie."""


def address(page: str, *, anchor: str = "", **parameters: object) -> str:
    """The address of a page; parameters that are None or empty are left out, slashes in ids stay readable."""
    given = {name: str(value) for name, value in parameters.items() if value not in (None, "")}
    query = urlencode(given, safe="/", quote_via=quote)
    return PATHS[page] + (f"?{query}" if query else "") + (f"#{quote(anchor)}" if anchor else "")


def contact_address(contact: str) -> str:
    """A mailto: or https: address for the contact setting; empty when it is neither, so nothing else becomes a link."""
    if contact.startswith(("https://", "http://", "mailto:")):
        return contact
    return f"mailto:{quote(contact, safe='@+')}" if "@" in contact and " " not in contact else ""
