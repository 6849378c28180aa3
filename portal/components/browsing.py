"""Articles under the titles of their categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.knowledge import ArticleCard, Category

SHOWN = 8


@dataclass(frozen=True)
class Section:
    """The first articles of a category. `name` leads to all of them when there are more; `count` says how many there are."""

    title: str
    cards: Sequence[ArticleCard]
    name: str = ""
    count: int = 0


def group_by_category(cards: Sequence[ArticleCard], categories: Sequence[Category], *, other: str, shown: int = SHOWN) -> list[Section]:
    """A section for each category that has articles, in the order of `categories`; articles of none come last, all of them."""
    groups: dict[str, list[ArticleCard]] = {category.name: [] for category in categories} | {"": []}
    for card in cards:
        groups[card.category if card.category in groups else ""].append(card)
    titles = {category.name: category.title for category in categories}
    return [
        Section(titles.get(name, other), found[:shown] if name else found, name=name if len(found) > shown else "", count=len(found))
        for name, found in groups.items()
        if found
    ]
