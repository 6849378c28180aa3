"""Search one wording of a gap again, among everything that staff may read, and keep what a classification needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from indexer.judging import confidence_features, judge
from indexer.ranking import rank_scores
from indexer.retriever import Retriever
from kb.database import read
from kb.readers import PUBLIC, STAFF, Scope

_KEPT = 30


@dataclass(frozen=True)
class Candidate:
    """An article that a wording puts forward; `score` is its rank score, `translations` the other languages that the public has it in."""

    article: str
    title: str
    lang: str
    score: float
    public: bool
    translations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reading:
    """What one wording finds: candidates best first and the confidence that the first answers; `weight` is how many visits used it."""

    text: str
    lang: str
    weight: int
    confidence: float
    candidates: tuple[Candidate, ...]
    public_confidence: float = 0.0

    def visible(self) -> Reading:
        """The same for a customer: only public articles, and how sure the search is of the first of them."""
        return replace(self, confidence=self.public_confidence, candidates=tuple(each for each in self.candidates if each.public))

    def place(self, article: str) -> int:
        """The article's place among what customers are shown, from 1; 0 when it is not among the first thirty."""
        shown = [each.article for each in self.candidates if each.public or each.article == article]
        return shown.index(article) + 1 if article in shown else 0


def read_text(retriever: Retriever, text: str, lang: str, weight: int, database_path: Path) -> Reading:
    """The reading of a text against the newest index."""
    found = retriever.examine(text, scope=Scope(STAFF))
    if not found.evidence:
        return Reading(text, lang, weight, 0.0, ())
    snapshot = found.snapshot
    facts = [snapshot.facts[each.article] for each in found.evidence]
    public = [PUBLIC.may_see(each["visibility"], each["status"]) for each in facts]
    seen = [each for each, is_public in zip(found.evidence, public, strict=True) if is_public]
    with read(database_path) as database:
        ids = [snapshot.ids[each.article] for each in found.evidence[:_KEPT]]
        titles = dict(database.execute(f"select id, title from articles where id in ({', '.join('?' * len(ids))})", ids).fetchall())
    candidates = tuple(
        Candidate(
            snapshot.ids[each.article], titles.get(snapshot.ids[each.article], ""), facts[i]["lang"], float(found.scores[i]), public[i],
            tuple(snapshot.facts[n]["lang"] for n in snapshot.translations_of(each.article)
                  if PUBLIC.may_see(snapshot.facts[n]["visibility"], snapshot.facts[n]["status"])),
        )
        for i, each in enumerate(found.evidence[:_KEPT])
    )  # fmt: skip
    confidence = judge(confidence_features(found.evidence, found.scores))
    public_confidence = judge(confidence_features(seen, rank_scores(seen))) if seen else 0.0
    return Reading(text, lang, weight, _bounded(confidence), candidates, _bounded(public_confidence))


def _bounded(probability: float) -> float:
    return min(max(probability, 0.001), 0.999)
