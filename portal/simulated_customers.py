"""Simulated customers: what they ask, what they look at, what they do then, and what they really wanted.

A customer is a visit of its own from an address of its own. It wants one topic, topics being wanted by a law like Zipf's, and asks one of
the topic's labelled questions (of a removed topic with three or more, one is held back). It reads the hits from the top with falling
attention, of a failed search only the three that are shown.
The answer is recognised when it is seen: opened, read for 40 to 120 seconds, called helpful by 30 %, while the others go away without a
word; where its content is wrong, half vote it down and say why, and none is helped. A tempting hit above it, or without it, is opened by
a quarter (by an eighth when the portal calls its hits weak), read for a few seconds, and sometimes voted down as something else. An answer
in another language is opened by 30 % and left at once. Who is not helped asks again in other words of the topic (40 %), asks the team
(25 %), or leaves; nobody asks more than three times.

One visit in twenty is none of this: members of staff and programs searching, and customers with a question that nobody else has and
nothing answers. Once a visitor repeats one nonsense query two hundred times from many windows.

Customers know which article answers; the service learns of it only by what they do.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback.audience import Visit
from feedback.query_vectors import fold_text
from indexer.hits import Answer, Hit
from portal.knowledge import KnowledgeBase
from portal.simulated_topics import Cast, Question, Topic

BEGIN = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
WEEKS, SEARCHES_IN_ALL, SEARCHES_PER_VISIT = 3.7, 10_000, 1.35
ZIPF_OFFSET = 5
SEEN_FIRST, SEEN_NEXT = 0.97, 0.88
"""Share of customers who look at the first hit, and of those who go on from each to the next."""
HELPFUL, DOWN, REWORD, ASK = 0.3, 0.5, 0.4, 0.25
TEMPTED = {"answered": 0.25, "weak": 0.125, "failed": 0.125}
NOISE = 0.05
FLOOD_AT, FLOOD, FLOOD_TEXT = 400, 200, "asdf qwer zxcv 12345"
SHOWN_WHEN_FAILED = 3


class Clock:
    """The simulated time."""

    def __init__(self, begin: datetime = BEGIN) -> None:
        self.moment = begin

    def __call__(self) -> datetime:
        return self.moment

    def go_on(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass(frozen=True)
class Wish:
    """What was really wanted with a search or a question: a topic (None for a stray or nonsense), and whether its answer was among
    the first three hits. `unanswerable` is a stray: nothing in the base is about it."""

    topic: Topic | None
    found: bool = False
    unanswerable: bool = False


class Crowd:
    """Visits the knowledge base, one visit after the other, and remembers what each search and question was for."""

    def __init__(self, knowledge: KnowledgeBase, cast: Cast, clock: Clock, *, seed: int) -> None:
        self._knowledge, self._clock, self._random = knowledge, clock, random.Random(seed)
        self._topics, self._strays = list(cast.topics), list(cast.strays)
        self._random.shuffle(self._topics)
        self._weights = [1 / (place + ZIPF_OFFSET) for place in range(len(self._topics))]
        self.searches = 0
        self._visits, self._flooded = 0, False
        self.wishes: dict[tuple[str, int], Wish] = {}
        self.asked: dict[str, int] = {}
        """Topic -> how often customers searched for it."""
        self.texts: set[str] = set()
        """Every text that customers searched, folded."""

    def visit(self) -> None:
        """One visit, and the time until the next."""
        self._come()
        self._visits += 1
        planned = BEGIN + timedelta(weeks=WEEKS) * (self._visits * SEARCHES_PER_VISIT / SEARCHES_IN_ALL)
        self._clock.moment = max(self._clock.moment, planned)

    def _come(self) -> None:
        chance = self._random.random()
        if self.searches >= FLOOD_AT and not self._flooded:
            self._flood()
        elif chance < NOISE * 0.4:
            self._look_up(Visit(self._name("staff"), self._address(), staff=True))
        elif chance < NOISE * 0.6:
            self._look_up(Visit(self._name("program"), self._address(), user_agent="ExampleBot/2.1 (+https://bot.example)"))
        elif chance < NOISE and self._strays:
            self._seek(None, [self._strays.pop()])
        else:
            topic = self._choose()
            first = self._random.choice(topic.asked)
            own = [question for question in topic.asked if question.lang == first.lang and question != first]
            self._seek(topic, [first, *self._random.sample(own, len(own))])

    def _choose(self) -> Topic:
        return self._random.choices(self._topics, self._weights)[0]

    def ask_for(self, topic: Topic) -> None:
        """One more visit that asks for this topic and leaves."""
        question = topic.questions[0]
        self._search(topic, question, Visit(self._name("visit"), self._address()))

    def _seek(self, topic: Topic | None, questions: list[Question]) -> None:
        """One customer with one problem."""
        visit = Visit(self._name("visit"), self._address())
        for place, question in enumerate(questions[:3]):
            answer = self._search(topic, question, visit)
            if self._read(topic, answer, question, visit):
                return
            chance = self._random.random()
            if chance < REWORD and place + 1 < len(questions[:3]):
                self._clock.go_on(self._random.uniform(5, 40))
                continue
            if REWORD <= chance < REWORD + ASK:
                self._clock.go_on(self._random.uniform(30, 90))
                self._ask(question, answer, visit)
            return

    def _ask(self, question: Question, answer: Answer, visit: Visit) -> None:
        asked = self._knowledge.ask_team(question.text, visit=visit, search_id=answer.search_id)
        self.wishes["question", asked.id] = self.wishes["search", answer.search_id]

    def _search(self, topic: Topic | None, question: Question, visit: Visit) -> Answer:
        self._clock.go_on(self._random.uniform(2, 8))
        answer = self._knowledge.search(question.text, prefer=question.lang, visit=visit)
        self.searches += 1
        self.texts.add(fold_text(question.text))
        found = topic is not None and any(_answers(hit, topic, question.lang) for hit in answer.hits[:3])
        self.wishes["search", answer.search_id] = Wish(topic, found, unanswerable=topic is None)
        if topic is not None:
            self.asked[topic.name] = self.asked.get(topic.name, 0) + 1
        return answer

    def _read(self, topic: Topic | None, answer: Answer, question: Question, visit: Visit) -> bool:
        """Go through the hits; whether one of them helped."""
        seen = SEEN_FIRST
        for place, hit in enumerate(answer.hits[:SHOWN_WHEN_FAILED] if answer.outcome == "failed" else answer.hits):
            if self._random.random() >= seen:
                return False
            seen = SEEN_NEXT
            if topic is not None and hit.article in topic.answers:
                if _answers(hit, topic, question.lang):
                    return self._read_answer(topic, hit, answer, visit)
                if self._random.random() < 0.3:
                    self._open(hit, answer, visit, seconds=self._random.uniform(1, 4))
            elif place < 2 and self._random.random() < TEMPTED[answer.outcome]:
                self._open(hit, answer, visit, seconds=min(self._random.lognormvariate(1.8, 0.6), 40))
                if self._random.random() < 0.2:
                    self._vote(hit, False, answer, visit, reason="not_it")
        return False

    def _read_answer(self, topic: Topic, hit: Hit, answer: Answer, visit: Visit) -> bool:
        self._open(hit, answer, visit, seconds=self._random.uniform(40, 120))
        if topic.truth == "unhelpful":
            if self._random.random() < DOWN:
                self._vote(hit, False, answer, visit, reason=self._random.choice(("steps_failed", "outdated")))
            return False
        if self._random.random() < HELPFUL:
            self._vote(hit, True, answer, visit)
        return True

    def _open(self, hit: Hit, answer: Answer, visit: Visit, *, seconds: float) -> None:
        self._clock.go_on(self._random.uniform(1, 4))
        self._knowledge.record_open(hit.article, session=visit.session, search_id=answer.search_id)
        self._clock.go_on(seconds)
        self._knowledge.record_read(hit.article, session=visit.session, seconds=seconds)

    def _vote(self, hit: Hit, helpful: bool, answer: Answer, visit: Visit, *, reason: str = "") -> None:
        self._knowledge.vote(hit.article, helpful, session=visit.session, search_id=answer.search_id)
        if reason:
            self._knowledge.explain_vote(hit.article, session=visit.session, search_id=answer.search_id, reason=reason)

    def _look_up(self, visit: Visit) -> None:
        """Somebody who is no customer searches for anything."""
        question = self._random.choice(self._random.choice(self._topics).asked)
        answer = self._knowledge.search(question.text, prefer=question.lang, visit=visit)
        self.wishes["search", answer.search_id] = Wish(None)
        self.searches += 1

    def _flood(self, count: int = FLOOD) -> None:
        self._flooded = True
        windows, address = [self._name("window") for _ in range(10)], self._address()
        for number in range(count):
            self._clock.go_on(self._random.uniform(20, 60))
            answer = self._knowledge.search(FLOOD_TEXT, prefer="en", visit=Visit(windows[number % len(windows)], address))
            self.wishes["search", answer.search_id] = Wish(None)
            self.searches += 1

    def _name(self, kind: str) -> str:
        return f"{kind}-{self._random.getrandbits(64):016x}"

    def _address(self) -> str:
        return ".".join(str(self._random.randrange(1, 255)) for _ in range(4))


def _answers(hit: Hit, topic: Topic, lang: str) -> bool:
    """Whether somebody who reads this language finds the topic's answer in the hit."""
    return hit.article in topic.answers and (topic.truth != "wrong_language" or hit.lang == lang)
