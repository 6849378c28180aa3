"""A new article's text to begin with: one shape for each kind of answer, in Chinese and in English."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from kb.errors import KnowledgeBaseError
from kb.front_fields import set_fields
from kb.frontmatter import split_front_matter
from kb.settings import LANGUAGES

TEMPLATES = ("how_to", "troubleshooting", "error_message", "faq", "policy")


class UnknownTemplate(KnowledgeBaseError):
    """There is no template of that kind in that language."""


@cache
def _placeholders() -> frozenset[str]:
    """Lines of the templates that wait for words."""
    texts = (read_template(kind, lang) for kind in TEMPLATES for lang in LANGUAGES)
    return frozenset(line.strip() for text in texts for line in split_front_matter(text)[1].splitlines() if "…" in line and not line.lstrip().startswith("<!--"))


def left_over(body: str) -> tuple[str, ...]:
    """Lines of the body that still are a template's, with dots where words should be; in order."""
    return tuple(line.strip() for line in body.splitlines() if line.strip() in _placeholders())


def read_template(kind: str, lang: str, *, title: str = "") -> str:
    """Front matter and text of a draft, with what to write where. Raises UnknownTemplate."""
    if kind not in TEMPLATES or lang not in LANGUAGES:
        wanted = f"{', '.join(TEMPLATES)} in {' or '.join(LANGUAGES)}"
        raise UnknownTemplate(f"no template {kind!r} in {lang!r}; want one of {wanted}")
    text = files("kb").joinpath("templates", f"{kind}.{lang}.md").read_text(encoding="utf-8")
    return set_fields(text, {"title": title}) if title.strip() else text
