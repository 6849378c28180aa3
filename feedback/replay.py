"""What customers' past searches say about a draft: whether it answers those of its gap, and whether it takes anything away from others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from feedback.replay_searches import StoredSearch
from indexer.drafting import LaidArticle
from indexer.judging import WEAK
from indexer.overlay import Compared
from kb.article_templates import left_over

CLOSES = 0.6
"""Least share of the gap's people whose searches the draft answers."""
FIRST_PAGE = 3
"""Places that customers look at: an article that falls below has been taken from them."""
HARM, NOISE = 0.05, 0.002
"""A draft is refused when more people lose what helps them than this share of those it helps, or of all whose searches work: in so many, some change
hands whatever is published."""
BETTER = 0.1
"""A search whose article was read but not called helpful, and which finds the draft with so much more confidence, was looking for the draft."""
VERDICTS = ("closes", "harmless", "unwritten", "no_searches", "not_found", "not_first", "unsure", "harms")
"""closes: it may be published. harmless: there is no gap to close, and nothing is harmed. unwritten: it says nothing
yet, or has a template's dots where words should be. no_searches: the gap has none. not_found: most of the gap's searches do not find it. not_first: they find it below
another article. unsure: it comes first, but the search doubts it. harms: it takes working searches away from their articles."""
ADVICE = ("placeholders", "words", "competitor", "long_passage", "visibility", "filters", "already_first")
SHOWN_WORDS = 8
SHORTEST = 4
"""Tokens: less below the title is no answer."""
LONG_PASSAGE = 150
"""Tokens: an answer in a longer passage is diluted."""
SURE = WEAK
"""Least confidence of an answered search: below it customers are told that nothing was found."""


@dataclass(frozen=True)
class ReplayedSearch:
    """One search before and after. Places count from 1, 0 is not found: of the draft for the gap's own, of `article`, which helped, for a working one.
    `first` is the article that comes first with the draft published."""

    text: str
    lang: str
    people: int
    article: str
    before: int
    after: int
    confidence_before: float
    confidence_after: float
    first: str
    lacking: tuple[str, ...] = ()
    confirmed: bool = False
    """Whether somebody said that the article helped."""

    @property
    def is_lost(self) -> bool:
        """Whether the article loses the first place, or falls below what customers look at."""
        return self.after == 0 or (self.before == 1 and self.after > 1) or self.after > max(FIRST_PAGE, self.before)

    @property
    def is_better_off(self) -> bool:
        """Whether the search seems to have looked for what now comes first."""
        return not self.confirmed and self.confidence_after >= self.confidence_before + BETTER


@dataclass(frozen=True)
class Advice:
    """What to change: one of ADVICE, with the words, article or figures that it is about."""

    code: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replay:
    """The outcome for one draft. `closes` is the share of the gap's people whose searches it answers, `confidence` their mean confidence with it
    published."""

    article: str
    verdict: str
    closes: float
    confidence: float
    own: tuple[ReplayedSearch, ...]
    working: tuple[ReplayedSearch, ...]
    harmed: tuple[ReplayedSearch, ...]
    """Working searches that lose what helped."""
    moved: tuple[ReplayedSearch, ...]
    """Working searches that lose what was read, for what seems to answer better."""
    advice: tuple[Advice, ...]

    @property
    def may_publish(self) -> bool:
        return self.verdict in ("closes", "harmless")


def judge_replay(
    laid: LaidArticle, own: Sequence[tuple[StoredSearch, Compared]], working: Sequence[tuple[StoredSearch, Compared]], *, has_gap: bool
) -> Replay:
    """The verdict over the gap's searches, and those that work today, each compared with and without the draft."""
    article = laid.article.id
    asked = tuple(_replayed(search, compared, article) for search, compared in own)
    held = tuple(_replayed(search, compared, search.article) for search, compared in working)
    lost = [each for each in held if each.is_lost]
    harmed, moved = tuple(each for each in lost if not each.is_better_off), tuple(each for each in lost if each.is_better_off)
    people = count_people(asked)
    first = [each for each in asked if each.first == article]
    answered = sum(each.people for each in first if each.confidence_after >= SURE)
    closes = answered / people if people else 0.0
    confidence = sum(each.people * each.confidence_after for each in asked) / people if people else 0.0
    dots = left_over(laid.article.body)
    written = not dots and sum(laid.lengths) >= SHORTEST
    verdict = "unwritten" if not written else _verdict(asked, first, closes=closes, harmed=harmed, working=held, has_gap=has_gap)
    return Replay(article, verdict, closes, confidence, asked, held, harmed, moved, _advise(laid, asked, own, dots=dots))


def _replayed(search: StoredSearch, compared: Compared, article: str) -> ReplayedSearch:
    before, after = compared.before, compared.after
    return ReplayedSearch(
        search.text, search.lang, search.people, article, before.place(article), after.place(article), before.confidence, after.confidence, after.first,
        compared.lacking, search.confirmed,
    )  # fmt: skip


def count_people(searches: Iterable[ReplayedSearch | StoredSearch]) -> int:
    return sum(each.people for each in searches)


def works_today(search: StoredSearch, compared: Compared) -> bool:
    """Whether the search still finds, where customers look, what helped then; one that is told that nothing was found does not work."""
    return compared.before.confidence >= SURE and 1 <= compared.before.place(search.article) <= FIRST_PAGE


def _verdict(
    asked: Sequence[ReplayedSearch], first: Sequence[ReplayedSearch], *, closes: float, harmed: Sequence[ReplayedSearch],
    working: Sequence[ReplayedSearch], has_gap: bool,
) -> str:  # fmt: skip
    people = count_people(asked)
    if has_gap and not people:
        return "no_searches"
    if has_gap and closes < CLOSES:
        if sum(each.people for each in asked if each.after == 0) > people / 2:
            return "not_found"
        return "not_first" if count_people(first) < CLOSES * people else "unsure"
    if count_people(harmed) > max(NOISE * count_people(working), HARM * closes * people):
        return "harms"
    return "closes" if has_gap else "harmless"


def _advise(laid: LaidArticle, asked: Sequence[ReplayedSearch], own: Sequence[tuple[StoredSearch, Compared]], *, dots: Sequence[str]) -> tuple[Advice, ...]:
    """What keeps the draft from the first place, most people first."""
    failing = [each for each in asked if each.first != laid.article.id or each.confidence_after < SURE]
    advice = [Advice("placeholders", tuple(dots))] if dots else []
    if any(not laid.is_in(compared.asked.scope) for _, compared in own):
        readable = laid.article.visibility == "public"
        advice.append(Advice("filters" if readable else "visibility", () if readable else (laid.article.visibility,)))
    words = Counter()
    for each in failing:
        words.update({word: each.people for word in each.lacking})
    if words:
        advice.append(Advice("words", tuple(word for word, _ in words.most_common(SHOWN_WORDS))))
    rivals = Counter()
    for each in failing:
        if each.first and each.first != laid.article.id:
            rivals[each.first] += each.people
    advice += [Advice("competitor", (article, str(people))) for article, people in rivals.most_common(3)]
    if failing and laid.lengths and max(laid.lengths) > LONG_PASSAGE:
        advice.append(Advice("long_passage", (str(laid.lengths.index(max(laid.lengths)) + 1), str(max(laid.lengths)))))
    if asked and all(each.before == 1 for each in asked):
        advice.append(Advice("already_first"))
    return tuple(advice)
