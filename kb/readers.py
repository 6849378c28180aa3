"""Who is reading, and what they may see. Applied inside retrieval, never after."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

VISIBILITIES = ("public", "customers", "internal")
STATUSES = ("draft", "review", "published", "archived")


@dataclass(frozen=True)
class Reader:
    """A kind of reader: the visibilities and statuses open to them, and of what is not public the groups and products."""

    name: str
    visibilities: frozenset[str]
    statuses: frozenset[str]
    groups: frozenset[str] | None = frozenset()
    """Groups that the reader belongs to: an article that names groups is for those who share one. None: belongs to all."""
    products: frozenset[str] | None = None
    """Products of which the reader may see more than the public; None: of all. What names no product is of all."""

    def may_see(self, visibility: str, status: str, *, product: str = "", groups: Collection[str] = ()) -> bool:
        if visibility not in self.visibilities or status not in self.statuses:
            return False
        if visibility == "public":
            return True
        in_group = not groups or self.groups is None or not self.groups.isdisjoint(groups)
        return in_group and (self.products is None or not product or product in self.products)


PUBLIC = Reader("public", frozenset({"public"}), frozenset({"published"}))
CUSTOMER = Reader("customer", frozenset({"public", "customers"}), frozenset({"published"}))
STAFF = Reader("staff", frozenset(VISIBILITIES), frozenset({"published"}), groups=None)
READERS = {reader.name: reader for reader in (PUBLIC, CUSTOMER, STAFF)}


def customer(*, groups: Iterable[str] = (), products: Iterable[str] = ()) -> Reader:
    """A signed-in customer of these groups; of these products only, if any are given."""
    wanted = frozenset(products)
    return replace(CUSTOMER, groups=frozenset(groups), products=wanted or None)


def name_reader(reader: Reader) -> str:
    """The reader as a text that `named_reader` reads: kept with a search, so that it can be run again with the same rights."""
    if reader.name != "customer":
        return reader.name
    return json.dumps({"groups": sorted(reader.groups or ()), "products": sorted(reader.products or ())}, ensure_ascii=False)


def named_reader(name: str) -> Reader:
    """The reader that `name_reader` wrote."""
    return READERS[name] if name in READERS else customer(**json.loads(name))


@dataclass(frozen=True)
class Scope:
    """What one search may return: the reader's rights, narrowed by filters. None means no narrowing."""

    reader: Reader = PUBLIC
    lang: str | None = None
    product: str | None = None
    tag: str | None = None
