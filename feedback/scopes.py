"""The filters and rights of a search, as they are kept with it and as it is run again with them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from kb.readers import PUBLIC, Scope, name_reader, named_reader

_FILTERS = ("lang", "product", "tag")


def write_scope(scope: Scope) -> str:
    """The scope as JSON: the filters that narrow it, and the reader unless it is everybody."""
    held = {name: value for name in _FILTERS if (value := getattr(scope, name)) is not None}
    if scope.reader != PUBLIC:
        held["reader"] = name_reader(scope.reader)
    return json.dumps(held, ensure_ascii=False)


def read_pairs(stored: str) -> tuple[tuple[str, str], ...]:
    """What `write_scope` wrote as pairs in order: equal for equal scopes."""
    return tuple(sorted(json.loads(stored).items()))


def read_scope(pairs: Iterable[tuple[str, str]]) -> Scope:
    """The scope of such pairs."""
    held = dict(pairs)
    return Scope(named_reader(held.pop("reader", PUBLIC.name)), **held)
