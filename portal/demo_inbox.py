"""Questions to the demonstration's team: acknowledged and answered in office hours, some late; the customer comes back, or does not."""

from __future__ import annotations

import random
from datetime import timedelta
from functools import partial

from kb.articles import parse_article
from portal.demo_agenda import Agenda, in_office
from portal.demo_customers import Asked
from portal.demo_script import Script
from portal.demo_stage import Stage
from portal.demo_team import Team
from portal.knowledge import KnowledgeBase
from portal.simulated_customers import Clock

SEEN_MINUTES, ANSWERED_MINUTES, SPREAD = 4.0, 14.0, 0.45
LATE, LATE_MINUTES = 0.09, (35.0, 240.0)
"""How long it takes, the median; so many wait far longer."""
COMES_BACK, SOLVED, SOLVED_AT_LAST, RATES = 0.8, 0.88, 0.95, 0.7
"""Share of customers who say whether the reply helped; of them, whom it did, at first and when asked again; and who then say how content they are."""
STARS, STARS_AFTER_TROUBLE = (0, 1, 2, 22, 75), (8, 14, 28, 34, 16)
"""How many of a hundred give 1 to 5 stars: of those who waited no longer than promised and were helped at once, and of the others."""
CLOSED_AFTER = timedelta(days=7)
"""Without a word from the customer."""
PROMISED = timedelta(minutes=30)
REPLIES = {
    "en": ("Thank you for asking. {summary} All of it is in the article “{title}” in our help centre.", "Thank you for asking. We are looking into it and will write more as soon as we know."),
    "zh": ("感谢提问。{summary}详细步骤见帮助中心的文章《{title}》。", "感谢提问。这个问题我们正在核实，有了结果马上告诉您。"),
}  # fmt: skip


class Inbox:
    """Takes each question to its end, through the desk and through the customer's own page."""

    def __init__(self, knowledge: KnowledgeBase, script: Script, stage: Stage, team: Team, agenda: Agenda, clock: Clock, *, seed: int) -> None:
        self._knowledge, self._script, self._stage, self._team, self._agenda, self._clock = knowledge, script, stage, team, agenda, clock
        self._random = random.Random(f"inbox {seed}")
        self.visits = {}
        """Reference -> the visit that asked."""

    def receive(self, asked: Asked) -> None:
        """Somebody has asked just now."""
        now, agent, late = self._clock(), self._team.anybody(), self._random.random() < LATE
        self.visits[asked.question.reference] = asked.visit
        seen = self._random.lognormvariate(0, SPREAD) * SEEN_MINUTES
        answered = self._random.uniform(*LATE_MINUTES) if late else seen + self._random.lognormvariate(0, SPREAD) * ANSWERED_MINUTES
        if late:
            seen = answered / 2
        self._agenda.at(self._working(now, seen), partial(self._acknowledge, asked, agent))
        self._agenda.at(self._working(now, answered), partial(self._reply, asked, agent, trouble=late))

    def hear(self, reference: str, *, solved: float, trouble: bool) -> None:
        """The customer says whether it helped, and perhaps how content they are."""
        visit, question = self.visits[reference], self._team.desk().find_question(reference)
        if question is None or question.state != "answered":
            return
        if self._random.random() >= solved:
            self._knowledge.settle_question(reference, solved=False, visit=visit)
            asked, agent = Asked(question, visit, ""), self._team.anybody()
            self._agenda.at(self._working(self._clock(), self._random.uniform(20, 180)), partial(self._reply, asked, agent, trouble=True))
            return
        self._knowledge.settle_question(reference, solved=True, visit=visit)
        if self._random.random() < RATES:
            stars = self._random.choices((1, 2, 3, 4, 5), STARS_AFTER_TROUBLE if trouble else STARS)[0]
            self._knowledge.rate_question(reference, stars, visit=visit)

    def _working(self, now, minutes: float):
        """So many minutes later, in office hours."""
        return in_office(now + timedelta(minutes=minutes))

    def _acknowledge(self, asked: Asked, agent: str) -> None:
        self._team.desk(agent).acknowledge(asked.question.id)

    def _reply(self, asked: Asked, agent: str, *, trouble: bool) -> None:
        question = asked.question
        trouble = trouble or self._clock() - question.created_at > PROMISED
        self._team.desk(agent).reply(question.id, self._words(asked))
        if self._random.random() < COMES_BACK:
            back = self._clock() + timedelta(hours=self._random.lognormvariate(0.5, 1.0))
            self._agenda.at(back, partial(self.hear, question.reference, solved=SOLVED_AT_LAST if question.reply else SOLVED, trouble=trouble))
        self._agenda.at(in_office(self._clock() + CLOSED_AFTER), partial(self._close, asked, agent))

    def _close(self, asked: Asked, agent: str) -> None:
        desk = self._team.desk(agent)
        if desk.find_question(asked.question.reference).state == "answered":
            desk.close_question(asked.question.id)

    def _words(self, asked: Asked) -> str:
        """What the article says where there is one, else what the team knows."""
        lang = asked.question.lang if asked.question.lang in REPLIES else "en"
        with_article, without = REPLIES[lang]
        if asked.topic and self._stage.topic(asked.topic).kept_sources:
            article = parse_article(self._script.text(asked.topic, lang), id=f"{lang}/{asked.topic}")
            return with_article.format(summary=article.summary, title=article.title)
        return self._script.replies.get(asked.topic, {}).get(lang, without)
