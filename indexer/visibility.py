"""What a reader may see, as a condition inside SQL: `Reader.may_see` in the database's words."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import unquote

from sqlite_utils import Database

from kb.readers import Reader, Scope

_IMAGE = re.compile(r"""src=["']/media/([^"'?#]+)""")

IS_PUBLIC = "visibility = 'public' and status = 'published'"
"""What anybody may read. Only these passages are counted when a word is weighed: see indexer/terms.py."""


def reader_condition(reader: Reader, table: str = "") -> tuple[str, list[str]]:
    """(condition, values) that leaves the rows of articles or passages open to the reader; `table` is their alias in the statement."""
    at = f"{table}." if table else ""
    values: list[str] = []

    def among(column: str, allowed: frozenset[str]) -> str:
        values.extend(sorted(allowed))
        return f"{at}{column} in ({', '.join('?' * len(allowed))})"

    open_to = [among("visibility", reader.visibilities), among("status", reader.statuses)]
    rights = []
    if reader.groups is not None:
        rights.append(f"({at}groups = '[]' or exists (select 1 from json_each({at}groups) member where {_among_values(reader.groups, values)}))")
    if reader.products is not None:
        rights.append(f"({at}product = '' or {among('product', reader.products)})")
    if rights and reader.visibilities != {"public"}:
        open_to.append(f"({at}visibility = 'public' or ({' and '.join(rights)}))")
        return " and ".join(open_to), values
    return " and ".join(open_to), values[: len(reader.visibilities) + len(reader.statuses)]


def scope_condition(scope: Scope, table: str = "") -> tuple[str, list[str]]:
    """The same for a scope's reader and its filters by language and product; tags are the caller's, who knows where they lie."""
    condition, values = reader_condition(scope.reader, table)
    at = f"{table}." if table else ""
    for column, wanted in (("lang", scope.lang), ("product", scope.product)):
        if wanted is not None:
            condition, values = f"{condition} and {at}{column} = ?", [*values, wanted]
    return condition, values


def _among_values(groups: frozenset[str], values: list[str]) -> str:
    values.extend(sorted(groups))
    return f"member.value in ({', '.join('?' * len(groups))})" if groups else "0"


def find_image_paths(html: str) -> list[str]:
    """Paths below the articles folder of the images that an article's page shows, in order, each once."""
    return list(dict.fromkeys(unquote(unescape(path)) for path in _IMAGE.findall(html)))


def may_see_image(database: Database, path: str, reader: Reader) -> bool:
    """Whether an article that the reader may see shows the image."""
    condition, values = reader_condition(reader, "a")
    row = database.execute(f"select 1 from article_images i join articles a on a.id = i.article where i.path = ? and {condition}", [path, *values]).fetchone()
    return row is not None
