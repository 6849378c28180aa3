"""What one request of a customer comes to: its topic, whether it was answered, how long the help took. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.moments import read_stamp


@dataclass(frozen=True)
class Search:
    """One search of a request and what followed it. `opened`: (article, stamp) in the order of time; `helpful`: articles that were called so;
    `gap`: the gap that the search is evidence of."""

    id: int
    at: str
    lang: str
    product: str
    outcome: str
    result: str
    evidence: str
    first_hit: str
    gap: int | None = None
    opened: tuple[tuple[str, str], ...] = ()
    helpful: tuple[str, ...] = ()
    asked: bool = False


@dataclass(frozen=True)
class Request:
    """One problem of one visit, however often it was put in other words."""

    lang: str
    product: str
    topic: str
    """'a:<article>' that answered it or was read, 'g:<gap>' that it is evidence of, '' for neither."""
    outcome: str
    """Of its last search."""
    result: str
    answered: bool
    """The customer was helped, or the last search had an answer and nothing speaks against it."""
    opened: bool
    asked: bool
    searches: int
    waited: int | None = None
    """Seconds from the first search to opening the article that helped; None when none did."""


def judge_request(searches: Sequence[Search], *, products: Mapping[str, str]) -> Request:
    """The request that these searches of one need are, in the order of time. `products`: article -> product."""
    first, last = searches[0], searches[-1]
    opened = sorted(((at, article) for search in searches for article, at in search.opened), key=lambda one: one[0])
    helpful = {article for search in searches for article in search.helpful}
    solved = first.result in ("confirmed", "implicit")
    helping = [(at, article) for at, article in opened if article in helpful] or opened if solved else []
    evidence = [search for search in searches if search.evidence]
    answered = solved or (not evidence and last.outcome == "answered" and first.result != "unresolved")
    topic, article = _topic(helping, evidence, opened, last)
    return Request(
        first.lang, next((search.product for search in searches if search.product), products.get(article, "")), topic, last.outcome, first.result,
        answered, bool(opened), any(search.asked for search in searches), len(searches), _seconds(first.at, helping[-1][0]) if helping else None,
    )  # fmt: skip


def direct_question(lang: str, product: str, gap: int | None) -> Request:
    """A question to the team that no search led to."""
    return Request(lang, product, f"g:{gap}" if gap else "", "question", "unresolved", answered=False, opened=False, asked=True, searches=0)


def _topic(helping: Sequence, evidence: Sequence[Search], opened: Sequence, last: Search) -> tuple[str, str]:
    """(topic, article): what helped; else the gap; else what was read last; else what was found with confidence."""
    if helping:
        article = helping[-1][1]
    elif evidence:
        gap = next((search.gap for search in evidence if search.gap is not None), None)
        return (f"g:{gap}", "") if gap is not None else ("", "")
    elif opened:
        article = opened[-1][1]
    else:
        article = last.first_hit if last.outcome == "answered" else ""
    return (f"a:{article}", article) if article else ("", "")


def _seconds(begin: str, end: str) -> int:
    return max(round((read_stamp(end) - read_stamp(begin)).total_seconds()), 0)
