"""The demonstration's customers: a crowd as in `portal/simulated_customers.py`, among whom many want what is missing, and who ask the team."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from feedback.audience import Visit
from feedback.questions import Question as AskedQuestion
from indexer.hits import Answer, Hit
from portal.demo_script import Script
from portal.demo_stage import Stage
from portal.knowledge import KnowledgeBase
from portal.simulated_customers import Clock, Crowd
from portal.simulated_topics import Cast, Question, Topic

CONTACT, COMMENT = 0.45, 0.4
"""Share of customers who leave an address with a question, and who say more with a No."""
FLOOD = 40
ZIPF_OFFSET = 3
EVERY = 3
"""Of the most wanted topics every third belongs to the story, as far as there are so many."""


@dataclass(frozen=True)
class Seen:
    """One search as it was answered at that moment."""

    at: datetime
    outcome: str


@dataclass(frozen=True)
class Asked:
    """A question to the team, who asked it, and what about; '' is a topic that nobody else has."""

    question: AskedQuestion
    visit: Visit
    topic: str


class Customers(Crowd):
    """Comes and searches. `on_asked` hears of every question to the team."""

    def __init__(self, knowledge: KnowledgeBase, script: Script, stage: Stage, clock: Clock, *, on_asked: Callable[[Asked], None], seed: int) -> None:
        super().__init__(knowledge, Cast(stage.topics, script.strays), clock, seed=seed)
        self._script, self._stage, self._on_asked = script, stage, on_asked
        self._wanted = _by_demand([topic.name for topic in stage.topics], script, self._random)
        self._weights = [1 / (place + ZIPF_OFFSET) for place in range(len(self._wanted))]
        self.seen: list[Seen] = []
        """Searches of customers, in the order in which they were made."""

    def visit(self) -> None:
        """One visit, beginning now."""
        self._come()

    def _choose(self) -> Topic:
        return self._stage.topic(self._random.choices(self._wanted, self._weights)[0])

    def _search(self, topic: Topic | None, question: Question, visit: Visit) -> Answer:
        answer = super()._search(topic, question, visit)
        self.seen.append(Seen(self._clock(), answer.outcome))
        return answer

    def _ask(self, question: Question, answer: Answer, visit: Visit) -> None:
        contact = f"customer{self._random.randrange(10_000):04}@example.com" if self._random.random() < CONTACT else ""
        asked = self._knowledge.ask_team(question.text, visit=visit, search_id=answer.search_id, contact=contact, consent=bool(contact))
        wish = self.wishes["search", answer.search_id]
        self.wishes["question", asked.id] = wish
        self._on_asked(Asked(asked, visit, wish.topic.name if wish.topic else ""))

    def _vote(self, hit: Hit, helpful: bool, answer: Answer, visit: Visit, *, reason: str = "") -> None:
        super()._vote(hit, helpful, answer, visit, reason=reason)
        if not helpful and reason != "not_it" and self._random.random() < COMMENT:
            comment = self._random.choice(self._script.comments[answer.lang])
            self._knowledge.explain_vote(hit.article, session=visit.session, search_id=answer.search_id, comment=comment)

    def _flood(self, count: int = FLOOD) -> None:
        super()._flood(count)


def _by_demand(names: Sequence[str], script: Script, generator: random.Random) -> list[str]:
    """The topics, the most wanted first. Of those in the story the most wanted are mended first, as a team does that goes by cost."""
    told = [plot.topic for plot in sorted(script.plots, key=lambda plot: plot.taken_up or 1)]
    others = generator.sample([name for name in names if name not in told], len(names) - len(told))
    ordered: list[str] = []
    while told or others:
        ordered += [others.pop() for _ in range(EVERY - 1) if others]
        ordered += [told.pop(0)] if told else []
    return ordered
