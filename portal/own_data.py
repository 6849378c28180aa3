"""What a browser session gets to see of what is stored about it: no name of an article that its reader may not read, or no longer."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

NAMING = ("opens", "votes", "questions")
"""Kinds of rows that name an article. Searches name those that they found."""


def named_articles(stored: Mapping[str, Sequence[dict]]) -> set[str]:
    """Every article that is named in what is stored."""
    found = {hit["article"] for search in stored["searches"] for hit in search["hits"]}
    return found | {row["article"] for name in NAMING for row in stored[name]} - {""}


def unname_articles(stored: Mapping[str, Sequence], *, readable: Container[str]) -> dict[str, list]:
    """The same, each row still there: an article that is not readable is called '', and is no hit of a search."""
    searches = [{**search, "hits": [hit for hit in search["hits"] if hit["article"] in readable]} for search in stored["searches"]]
    rows = {name: [{**row, "article": row["article"] if row["article"] in readable else ""} for row in stored[name]] for name in NAMING}
    return {**stored, "searches": searches, **rows}
