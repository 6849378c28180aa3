"""Agents of a simulation close its gaps: they restore what was taken away, and hand in drafts that should be refused. What replay says is compared
with what the labels say.

For each of up to 60 listed gaps of a removed topic four drafts are replayed: the removed article that answers most of its evidence; another removed article of the
same set, at random; the removed article most like the right one; and a thief, which is the right article with the text of three articles that help
others and the words in which those were searched.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np
import yaml

from feedback.gap_list import GapDetail
from feedback.query_vectors import fold_text
from feedback.redaction import redact
from feedback.replay import CLOSES, Replay, count_people
from indexer.overlay import Asked
from kb.articles import parse_article
from kb.readers import PUBLIC, Scope
from portal.knowledge import KnowledgeBase
from portal.simulated_customers import Wish
from portal.simulated_topics import Question, Source, Topic

ANSWERS, IS_ANOTHER = CLOSES, 0.2
"""Of the gap's evidence: a restored article that the labels say answers so much should pass, a draft that answers more than that is not another."""
STOLEN = 2
"""Labelled questions that a draft must take from their answers to be a thief."""
MOST_CASES = 60
"""Gaps on which drafts are tried; of more, so many at random: a draft has to be embedded whole."""
STOLEN_ARTICLES, STOLEN_WORDS, STOLEN_CHARACTERS = 3, 5, 1_200
_FRONT = re.compile(r"\A---\r?\n.*?\n---\r?\n", re.DOTALL)


@dataclass(frozen=True)
class Trial:
    """One draft for one gap: `kind` is 'restored', 'other', 'alike' or 'thief'; `answers` is the share of the gap's evidence that it answers by the
    labels, `verdict` what replay says."""

    gap: int
    kind: str
    article: str
    answers: float
    verdict: str
    passed: bool
    closes: float
    harmed: int
    seconds: float
    stolen: int = 0
    """Labelled questions of other topics that found their answer first and find this draft first with it published."""


@dataclass(frozen=True)
class ReplayFigures:
    """All trials, and how often the article of a draft that passed came first: for the gap's own texts and for texts of the same questions that nobody
    had asked; `own` and `held_back` count texts."""

    trials: tuple[Trial, ...]
    own: int
    own_first: int
    held_back: int
    held_back_first: int

    def share(self, kind: str, *, passed: bool) -> tuple[int, int]:
        """(how many of the trials of that kind passed, or were refused; how many there are). Of the restored those that answer the gap, of the thieves
        those that do steal."""
        chosen = [
            trial for trial in self.trials
            if trial.kind == kind and (kind != "restored" or trial.answers >= ANSWERS) and (kind != "thief" or trial.stolen >= STOLEN)
        ]  # fmt: skip
        return sum(trial.passed == passed for trial in chosen), len(chosen)


@dataclass(frozen=True)
class _Case:
    """A gap with the removed article that answers most of it; `evidence` has the question behind each piece of evidence, None for a stray."""

    gap: int
    topic: Topic
    source: Source
    evidence: tuple[Question | None, ...]

    @property
    def text(self) -> str:
        return self.source.file.read_text("utf-8")

    def answered_by(self, source: Source) -> float:
        """Share of the evidence that the article answers, by the labels."""
        return sum(question is not None and _answers(source, question) for question in self.evidence) / len(self.evidence)


def replay_gaps(
    knowledge: KnowledgeBase, topics: Sequence[Topic], details: Sequence[GapDetail], *, wishes: Mapping[tuple[str, int], Wish], asked: Mapping[str, int],
    texts: Set[str], seed: int,
) -> ReplayFigures:  # fmt: skip
    """Try drafts on every listed gap that is mostly asked for one removed topic. `asked` says how often customers searched for each topic, `texts`
    are all the texts that anybody searched, folded."""
    generator = random.Random(seed)
    # What is stored has been redacted, which also writes some signs in another way.
    questions = {fold_text(redact(question.text)): question for topic in topics for question in topic.questions}
    cases = [case for detail in details if (case := _open_case(detail, wishes, questions))]
    if len(cases) > MOST_CASES:
        cases = sorted(generator.sample(cases, MOST_CASES), key=lambda case: case.gap)
    popular = sorted((topic for topic in topics if topic.truth == "kept"), key=lambda topic: -asked.get(topic.name, 0))[: 10 * STOLEN_ARTICLES]
    heads = dict(zip((case.gap for case in cases), knowledge.token_means([_head(case) for case in cases]), strict=True))
    trials: list[Trial] = []
    first: Counter[str] = Counter()
    for case in cases:
        trial, replay = _try(knowledge, case, "restored", case.source, case.text)
        trials.append(trial)
        for kind, other in _others(case, cases, heads, generator):
            trials.append(_try(knowledge, case, kind, other.source, other.text)[0])
        stolen = generator.sample(popular, min(STOLEN_ARTICLES, len(popular)))
        thief = _steal(case, stolen)
        taken = _count_stolen(knowledge, case, thief, stolen)
        trials.append(replace(_try(knowledge, case, "thief", case.source, thief)[0], stolen=taken))
        if trial.passed:
            own = [each for each in replay.own if (question := questions.get(fold_text(each.text))) and _answers(case.source, question)]
            new = [q for q in case.topic.questions if _answers(case.source, q) and fold_text(q.text) not in texts]
            found = knowledge.compare(case.text, case.source.id, [Asked(q.text, Scope(PUBLIC), q.lang) for q in new])
            first += Counter(own=len(own), own_first=sum(each.first == case.source.id for each in own), new=len(new))
            first["new_first"] += sum(each.after.first == case.source.id for each in found)
    return ReplayFigures(tuple(trials), first["own"], first["own_first"], first["new"], first["new_first"])


def _open_case(detail: GapDetail, wishes: Mapping[tuple[str, int], Wish], questions: Mapping[str, Question]) -> _Case | None:
    """The gap, if most of its evidence that wants anything wants one removed topic."""
    evidence = [(wishes.get(item, Wish(None)).topic, questions.get(fold_text(wording.text))) for wording in detail.wordings for item in wording.items]
    topics = Counter(topic.name for topic, _ in evidence if topic is not None)
    if not topics:
        return None
    name = topics.most_common(1)[0][0]
    topic = next(topic for topic, _ in evidence if topic is not None and topic.name == name)
    if topic.truth != "removed":
        return None
    asked = [question for _, question in evidence]
    langs = Counter(question.lang for question in asked if question in topic.questions)
    # Of two language versions of one article, the one in which most people asked.
    by_use = sorted(topic.sources, key=lambda source: (-sum(q is not None and _answers(source, q) for q in asked), -langs.get(source.version, 0)))
    return _Case(detail.gap.id, topic, by_use[0], tuple(asked))


def _try(knowledge: KnowledgeBase, case: _Case, kind: str, source: Source, text: str) -> tuple[Trial, Replay]:
    started = time.perf_counter()
    replay = knowledge.replay(text, source.id, gap=case.gap)
    seconds = time.perf_counter() - started
    return Trial(case.gap, kind, source.id, case.answered_by(source), replay.verdict, replay.may_publish, replay.closes, count_people(replay.harmed), seconds), replay


def _others(case: _Case, cases: Sequence[_Case], heads: Mapping[int, np.ndarray], generator: random.Random) -> list[tuple[str, _Case]]:
    """Another gap's article at random, and the one whose first lines mean most nearly the same."""
    others = [each for each in cases if each.topic.collection == case.topic.collection and each.topic is not case.topic and case.answered_by(each.source) <= IS_ANOTHER]
    if not others:
        return []
    alike = max(others, key=lambda each: float(heads[each.gap] @ heads[case.gap]))
    return [("other", generator.choice(others)), ("alike", alike)]


def _steal(case: _Case, topics: Sequence[Topic]) -> str:
    """The right article, with what the articles of these topics say and the words in which customers ask for them."""
    words = [" ".join(question.text.split()) for topic in topics for question in topic.questions[:STOLEN_WORDS]]
    front = yaml.safe_dump({"title": _title(case.text), "aliases": words}, allow_unicode=True, width=10_000)
    bodies = [_FRONT.sub("", topic.kept_sources[0].file.read_text("utf-8"))[:STOLEN_CHARACTERS] for topic in topics]
    parts = [_FRONT.sub("", case.text), *(f"## {topic.questions[0].text}\n\n{body}" for topic, body in zip(topics, bodies, strict=True))]
    return f"---\n{front}---\n" + "\n\n".join(parts)


def _count_stolen(knowledge: KnowledgeBase, case: _Case, text: str, topics: Sequence[Topic]) -> int:
    asked = [(topic, question) for topic in topics for question in topic.questions]
    found = knowledge.compare(text, case.source.id, [Asked(question.text, Scope(PUBLIC), question.lang) for _, question in asked])
    return sum(each.before.first in topic.answers and each.after.first == case.source.id for (topic, _), each in zip(asked, found, strict=True))


def _title(text: str) -> str:
    article = parse_article(text, id="draft")
    return article.title


def _head(case: _Case) -> str:
    return f"{_title(case.text)}\n{_FRONT.sub('', case.text)[:300]}"


def _answers(source: Source, question: Question) -> bool:
    return source.id.rsplit("/", 1)[-1] in question.answers
