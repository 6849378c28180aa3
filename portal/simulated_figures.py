"""Compare the gaps of a simulation with what its customers really wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.gap_list import GapDetail
from portal.simulated_customers import Wish
from portal.simulated_topics import Topic

KINDS_OF_TRUTH = {
    "removed": "missing", "hidden": "hidden", "wrong_language": "wrong_language", "unhelpful": "unhelpful", "kept": "unfindable", "stray": "missing",
}  # fmt: skip
ASKED = 5
"""Removed topics that were searched for so often have to be among the gaps."""


@dataclass(frozen=True)
class Verdict:
    """One listed gap: `main` is the truth and name of what most of its real evidence wants, `real` whether real evidence prevails."""

    gap: int
    kind: str
    items: int
    real_items: int
    truth: str
    topic: str
    title: str

    @property
    def real(self) -> bool:
        return self.real_items * 2 > self.items

    @property
    def expected(self) -> str:
        """The kind that the gap should have."""
        return KINDS_OF_TRUTH.get(self.truth, "")


@dataclass(frozen=True)
class Figures:
    """What a simulation measured at one point. `confusion`: expected kind -> given kind -> gaps, of the real ones."""

    searches: int
    gaps: int
    removed_asked: int
    removed_found: int
    real: int
    kind_right: int
    confusion: dict[str, dict[str, int]]
    real_by_truth: dict[str, int]
    group_seconds: float
    evidence: int
    join_ms: float
    classify_seconds: float

    @property
    def recall(self) -> float:
        return self.removed_found / self.removed_asked if self.removed_asked else float("nan")

    @property
    def precision(self) -> float:
        return self.real / self.gaps if self.gaps else float("nan")

    @property
    def kind_share(self) -> float:
        return self.kind_right / self.real if self.real else float("nan")


def judge_gap(detail: GapDetail, wishes: Mapping[tuple[str, int], Wish]) -> Verdict:
    """What the gap's evidence really wanted.

    A search or question is real evidence when the public cannot find its answer: the topic was removed, hidden, kept in another language
    only or has wrong content, nothing is about it at all, or the article is there and was not among the first three hits of that search.
    """
    wanted = [wishes.get(item, Wish(None)) for wording in detail.wordings for item in wording.items]
    real = Counter(_target(wish) for wish in wanted if _is_real(wish))
    (truth, topic), _ = real.most_common(1)[0] if real else (("", ""), 0)
    return Verdict(detail.gap.id, detail.gap.kind, len(wanted), real.total(), truth, topic, detail.gap.title("en"))


def main_topics(details: Sequence[GapDetail], wishes: Mapping[tuple[str, int], Wish]) -> set[str]:
    """Names of the topics that hold the plurality of some gap's whole evidence."""
    found = set()
    for detail in details:
        wanted = Counter(_target(wishes.get(item, Wish(None)))[1] for wording in detail.wordings for item in wording.items)
        found.add(wanted.most_common(1)[0][0])
    return found


def removed_topics(topics: Sequence[Topic], asked: Mapping[str, int]) -> set[str]:
    """Names of the removed topics that have to be found."""
    return {topic.name for topic in topics if topic.truth == "removed" and asked.get(topic.name, 0) >= ASKED}


def count_confusion(verdicts: Sequence[Verdict]) -> dict[str, dict[str, int]]:
    table: dict[str, Counter] = {}
    for verdict in verdicts:
        if verdict.real:
            table.setdefault(verdict.expected, Counter())[verdict.kind] += 1
    return {expected: dict(given) for expected, given in sorted(table.items())}


def _is_real(wish: Wish) -> bool:
    if wish.topic is None:
        return wish.unanswerable
    return wish.topic.truth != "kept" or not wish.found


def _target(wish: Wish) -> tuple[str, str]:
    if wish.topic is None:
        return ("stray", "stray") if wish.unanswerable else ("", "")
    return wish.topic.truth, wish.topic.name
