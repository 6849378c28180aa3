"""Who is reading, and what they may see. Applied inside retrieval, never after."""

from __future__ import annotations

from dataclasses import dataclass

VISIBILITIES = ("public", "customers", "internal")
STATUSES = ("draft", "review", "published", "archived")


@dataclass(frozen=True)
class Reader:
    """A kind of reader: the visibilities and statuses open to them."""

    name: str
    visibilities: frozenset[str]
    statuses: frozenset[str]

    def may_see(self, visibility: str, status: str) -> bool:
        return visibility in self.visibilities and status in self.statuses


PUBLIC = Reader("public", frozenset({"public"}), frozenset({"published"}))
CUSTOMER = Reader("customer", frozenset({"public", "customers"}), frozenset({"published"}))
STAFF = Reader("staff", frozenset(VISIBILITIES), frozenset({"published"}))
READERS = {reader.name: reader for reader in (PUBLIC, CUSTOMER, STAFF)}


@dataclass(frozen=True)
class Scope:
    """What one search may return: the reader's rights, narrowed by filters. None means no narrowing."""

    reader: Reader = PUBLIC
    lang: str | None = None
    product: str | None = None
    tag: str | None = None
