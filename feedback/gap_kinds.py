"""Say what kind each gap is, and why: the fix differs. Write, add an alias, rewrite, translate, or change who may see it."""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlite_utils import Database

from feedback.gap_readings import Candidate, Reading, read_text
from feedback.gap_said import Said, read_said
from feedback.gaps import ACTIVE
from feedback.titles import read_texts
from indexer.judging import ANSWERED
from indexer.retriever import Retriever
from indexer.store import read_state
from kb.database import read, write

TEXTS_READ = 6
"""Wordings of a gap that are searched again, most asked first."""
GROWTH = 1.25
"""A gap is classified anew when its evidence has grown by this factor, and whenever the articles have changed."""
ANSWERS = 0.5
"""Pooled probability from which an article is said to answer a gap."""
FOREIGN_ANSWERS = 0.35
"""The same for an article in a language that was not asked in: words in common, which make up much of the probability, cannot be expected."""
PASSED, PASSED_MOST = math.log(2), 3
"""How much each visit that was shown an article among the first three hits and left it unread speaks against it: it halves the odds.
Titles put off one like the other, so no more than three count, and those who read it are counted against them."""
NO_WEIGHT, YES_WEIGHT = 2, 2
"""So many visits must have voted an article down, or found it helpful after rewording, for their word to outweigh the search's."""
CONCERNED = 0.25
"""Share of a gap's visits that must have read an article or voted it down for the gap to be about that article."""


@dataclass(frozen=True)
class Reason:
    """Why a gap is of its kind. `article` is the one concerned ('' for missing); `places` are its places for each wording, 0 when the
    search did not put it forward; `probability` is how likely some article answers; `by` is 'votes', 'customers' or 'search'."""

    kind: str
    article: str = ""
    title: str = ""
    lang: str = ""
    places: tuple[int, ...] = ()
    probability: float = 0.0
    by: str = "search"
    counts: tuple[tuple[str, int], ...] = ()
    """Of votes: reason -> visits."""
    nearest: tuple[tuple[str, str, float], ...] = ()
    """(article, title, share) of the articles that came nearest, best first."""


def answer_probability(readings: Sequence[Reading]) -> tuple[Candidate | None, float]:
    """The article that answers best over all wordings, and the probability that it answers them.

    A logistic model of three things: the mean logit of the confidence, the share of wordings with the same first article, and how
    much of the confidence falls on the best article. Fitted on four labelled sets, topics with their answer and with it taken away;
    area under ROC with the set (and its translation) left out of the fit: 0.86 to 0.99.
    """
    shares: dict[str, float] = defaultdict(float)
    known: dict[str, Candidate] = {}
    weight = sum(reading.weight for reading in readings)
    for reading in readings:
        odds = [math.exp(candidate.score - reading.candidates[0].score) for candidate in reading.candidates]
        for candidate, each in zip(reading.candidates, odds, strict=True):
            shares[candidate.article] += reading.weight / weight * reading.confidence * each / sum(odds)
            known.setdefault(candidate.article, candidate)
    if not shares:
        return None, 0.0
    best = max(shares, key=shares.get)
    logit = sum(reading.weight * math.log(reading.confidence / (1 - reading.confidence)) for reading in readings if reading.candidates) / weight
    firsts = Counter(reading.candidates[0].article for reading in readings if reading.candidates)
    agree = max(firsts.values()) / len(readings) if len(readings) > 1 else 0.5
    return known[best], 1 / (1 + math.exp(-(1.0 * logit + 2.4 * agree + 0.76 * shares[best] - 2.93)))


def classify(readings: Sequence[Reading], said: Said) -> Reason:
    """The kind of a gap from what its wordings find among everything that staff may read, and from what customers said.

    What customers said comes first: an article that was read and voted down is unhelpful, one that they called helpful after
    rewording answers. Otherwise the search decides whether anything answers, and then who may see it and in which language it is.
    """
    known = {candidate.article: candidate for reading in readings for candidate in reading.candidates}
    public = [reading.visible() for reading in readings]
    nearest = _nearest(readings)
    down = _voted_down(said)
    if down:
        counts = tuple(said.reasons.get(down, Counter()).most_common())
        return _reason("unhelpful", known.get(down), readings, 1.0, "votes", nearest, article=down, counts=counts)
    lang = _asked_in(readings)
    helped = next((article for article, visits in said.helpful.most_common() if visits >= YES_WEIGHT), "")
    if helped and helped in known:
        best, probability, by = known[helped], 1.0, "customers"
    else:
        (best, probability), by = answer_probability(public), "search"
        is_foreign = best is not None and best.lang != lang and lang not in best.translations
        if best is not None and not is_foreign:
            probability = _less_passed_over(probability, said.passed_over(best.article))
        hidden, hidden_probability = answer_probability(readings)
        if hidden and not hidden.public and hidden_probability >= ANSWERS and probability < ANSWERS:
            return _reason("hidden", hidden, readings, hidden_probability, "search", nearest)
        if is_foreign and FOREIGN_ANSWERS <= probability < ANSWERS:
            return _reason("wrong_language", best, readings, probability, by, nearest)
    if best is None or probability < ANSWERS:
        return Reason("missing", probability=round(probability, 3), nearest=nearest)
    if best.lang != lang and lang not in best.translations:
        return _reason("wrong_language", best, readings, probability, by, nearest)
    if said.in_vain.get(best.article, 0) * 2 > said.visits:
        return _reason("unhelpful", best, readings, probability, "customers", nearest)
    if by == "search" and _is_found(public, said, best.article):
        # It ranks first, so nobody has to find it: it was read and did not help, or was seen and is about something else.
        if said.in_vain.get(best.article, 0) or said.unhelpful.get(best.article, 0):
            return _reason("unhelpful", best, readings, probability, "customers", nearest)
        return Reason("missing", probability=round(probability, 3), nearest=nearest)
    return _reason("unfindable", best, readings, probability, by, nearest)


def _is_found(readings: Sequence[Reading], said: Said, article: str) -> bool:
    """Whether most visits' wordings find the article first, and are told that it answers, most visits were shown it early, and nobody who asked in
    the same words was helped by it."""
    if said.used.get(article, 0) or said.shown.get(article, 0) * 2 <= said.visits:
        return False
    found = sum(reading.weight for reading in readings if reading.place(article) == 1 and reading.confidence >= ANSWERED)
    return found * 2 > sum(reading.weight for reading in readings)


def _asked_in(readings: Sequence[Reading]) -> str:
    """The language of most visits."""
    asked_in = Counter()
    for reading in readings:
        asked_in[reading.lang] += reading.weight
    return asked_in.most_common(1)[0][0] if asked_in else ""


def _less_passed_over(probability: float, visits: int) -> float:
    """The probability after so many visits were shown the article and left it unread."""
    odds = probability / max(1 - probability, 1e-9) * math.exp(-PASSED * min(visits, PASSED_MOST))
    return odds / (1 + odds)


def _voted_down(said: Said) -> str:
    """The article whose content customers voted down, more of them than found it helpful; 'not what I looked for' is about the search."""
    for article, visits in said.unhelpful.most_common():
        about_content = visits - said.reasons.get(article, Counter()).get("not_it", 0)
        # One who says so and others who read it and went on asking are a word of several people, too.
        weight = about_content if about_content >= NO_WEIGHT else about_content and max(about_content, said.in_vain.get(article, 0))
        concerned = max(about_content, said.in_vain.get(article, 0))
        if weight >= NO_WEIGHT and weight > said.helpful.get(article, 0) and concerned >= CONCERNED * said.visits:
            return article
    return ""


def _reason(kind: str, candidate: Candidate | None, readings: Sequence[Reading], probability: float, by: str, nearest, *, article: str = "", counts=()) -> Reason:
    article = candidate.article if candidate else article
    places = tuple(reading.place(article) for reading in readings)
    return Reason(kind, article, candidate.title if candidate else article, candidate.lang if candidate else "", places, round(probability, 3), by, tuple(counts), nearest)


def _nearest(readings: Sequence[Reading]) -> tuple[tuple[str, str, float], ...]:
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for reading in readings:
        for place, candidate in enumerate(reading.candidates[:5], 1):
            shares[candidate.article, candidate.title] += reading.weight / place
    total = sum(shares.values()) or 1.0
    ordered = sorted(shares.items(), key=lambda item: (-item[1], item[0]))[:5]
    return tuple((article, title, round(share / total, 3)) for (article, title), share in ordered)


class KindFinder:
    """Classifies the gaps whose evidence or whose articles have changed."""

    def __init__(self, database_path: Path, retriever: Retriever) -> None:
        self._path, self._retriever = database_path, retriever

    def classify_changed(self, *, at: str) -> int:
        """Classify what has to be, and return how many gaps that were. Kinds that a person set stay."""
        with read(self._path) as database:
            generation = read_state(database).get("generation", "")
            due = _due(database, generation)
        for gap, size in due:
            reason = self.find(gap)
            with write(self._path) as database:
                # What a person decided in the meantime stands.
                database.execute(
                    "update gaps set kind = ?, reason = ?, judged_generation = ?, judged_size = ?, updated_at = ? where id = ? and kind_by = ''",
                    [reason.kind, json.dumps(asdict(reason), ensure_ascii=False), generation, size, at, gap],
                )
        return len(due)

    def find(self, gap: int) -> Reason:
        """The kind of a gap as things are now."""
        with read(self._path) as database:
            texts, said = read_texts(database, gap)[:TEXTS_READ], read_said(database, gap)
        readings = [read_text(self._retriever, text, lang, weight, self._path) for text, lang, _, weight in texts]
        return classify([reading for reading in readings if reading.candidates], said)


def _due(database: Database, generation: str) -> list[tuple[int, int]]:
    """(gap, size) of the active gaps that were classified with other articles or with much less evidence."""
    rows = database.execute(
        "select p.id, count(*) as held, p.judged_generation, p.judged_size from gaps p join groups g on g.gap = p.id"
        f" join group_members m on m.grouped = g.id where p.merged_into is null and p.kind_by = '' and p.state in ({', '.join('?' * len(ACTIVE))})"
        " group by p.id order by held desc",
        list(ACTIVE),
    ).fetchall()
    return [(gap, held) for gap, held, judged, size in rows if judged != generation or held >= size * GROWTH]
