"""The front matter of an imported article."""

from __future__ import annotations

from kb.errors import ArticleError
from kb.front_fields import Value, set_fields
from kb.frontmatter import FrontMatterFault, read_front_matter
from kb.importing.incoming import Incoming

MAX_TITLE_CHARACTERS = 300
MAX_TAGS = 50
MAX_TAG_CHARACTERS = 100


def choose_status(incoming: Incoming, *, publish: bool) -> str:
    """A draft, until somebody has looked at it; archived stays archived, and `publish` believes the source."""
    if incoming.status == "archived":
        return "archived"
    return "published" if publish and incoming.status == "published" else "draft"


def add_front_matter(text: str, incoming: Incoming, *, lang: str, status: str, summary: str) -> str:
    """`text` with the fields of an imported article; what Markdown's own front matter says of title, summary and date stays.

    Raises ArticleError when that front matter is broken."""
    try:
        own = read_front_matter(text).fields
        given: dict[str, Value] = {
            "title": incoming.title[:MAX_TITLE_CHARACTERS], "lang": lang, "summary": summary, "status": status, "visibility": incoming.visibility,
            "tags": [tag[:MAX_TAG_CHARACTERS].replace(",", " ") for tag in incoming.tags[:MAX_TAGS]],
            "updated": incoming.updated, "source": incoming.source,
        }  # fmt: skip
        kept = {"title", "updated", "tags", "visibility", *(["summary"] if own.get("summary") or own.get("description") else [])}
        return set_fields(text, {name: value for name, value in given.items() if value and not (name in kept and own.get(name))})
    except FrontMatterFault as fault:
        raise ArticleError(incoming.file, fault.line, fault.fact) from None
