"""A new article's text to begin with: one shape for each kind of answer, in Chinese and in English."""

from __future__ import annotations

from importlib.resources import files

from kb.errors import KnowledgeBaseError
from kb.front_fields import set_fields
from kb.settings import LANGUAGES

TEMPLATES = ("how_to", "troubleshooting", "error_message", "faq", "policy")


class UnknownTemplate(KnowledgeBaseError):
    """There is no template of that kind in that language."""


def read_template(kind: str, lang: str, *, title: str = "") -> str:
    """Front matter and text of a draft, with what to write where. Raises UnknownTemplate."""
    if kind not in TEMPLATES or lang not in LANGUAGES:
        wanted = f"{', '.join(TEMPLATES)} in {' or '.join(LANGUAGES)}"
        raise UnknownTemplate(f"no template {kind!r} in {lang!r}; want one of {wanted}")
    text = files("kb").joinpath("templates", f"{kind}.{lang}.md").read_text(encoding="utf-8")
    return set_fields(text, {"title": title}) if title.strip() else text
