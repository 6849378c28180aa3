"""Articles under the titles of their categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from portal.knowledge import ArticleCard, Category


def group_by_category(cards: Sequence[ArticleCard], categories: Sequence[Category], *, other: str) -> list[tuple[str, list[ArticleCard]]]:
    """(title, cards) in the order of `categories`; articles without one come last under `other`. Empty ones are left out."""
    titles = {category.name: category.title for category in categories}
    groups: dict[str, list[ArticleCard]] = {category.name: [] for category in categories} | {"": []}
    for card in cards:
        groups[card.category if card.category in titles else ""].append(card)
    return [(titles.get(name, other), found) for name, found in groups.items() if found]
