"""The demonstration's team: its accounts, and how it goes through the gaps twice a week."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from feedback.gap_list import Gap, GapDetail, GapFilter
from feedback.query_vectors import fold_text
from feedback.redaction import redact
from kb.accounts import Account, Accounts
from portal.demo_script import Script
from portal.desk import Desk
from portal.knowledge import KnowledgeBase
from portal.simulated_customers import FLOOD_TEXT, Clock
from portal.writing import WritingDesk

LEAD, AGENTS = "Ruth", ("Maya", "Jonas", "李娜", "王磊")
SIGN_IN = "demo"
"""The account for whoever looks at the demonstration."""
SORTED_EACH_TIME, DUE = 8, timedelta(days=12)
"""So many gaps are given an owner each time, the dearest first, and so long they have for it."""
PERIOD_DAYS = 365


class Team:
    """One lead and her agents. Each acts through the desk of an account of their own."""

    def __init__(self, knowledge: KnowledgeBase, script: Script, clock: Clock, *, seed: int) -> None:
        self._knowledge, self._script, self._clock, self._random = knowledge, script, clock, random.Random(f"team {seed}")
        # What is stored has been redacted, which also writes some signs in another way.
        self._topic_of = {fold_text(redact(text)): name for name, each in script.topics.items() for texts in each.values() for text in texts}
        accounts = Accounts(knowledge.settings.database, now=clock)
        self._accounts = {name: accounts.add(name, "lead" if name == LEAD else "agent", secrets.token_urlsafe(24)) for name in (LEAD, *AGENTS)}
        self.password = secrets.token_urlsafe(12)
        """Of the account SIGN_IN. Nobody learns the others'."""
        accounts.add(SIGN_IN, "lead", self.password)

    @property
    def accounts(self) -> Mapping[str, Account]:
        return self._accounts

    def desk(self, name: str = LEAD) -> Desk:
        return self._knowledge.desk(self._accounts[name])

    def writing(self, name: str = LEAD) -> WritingDesk:
        return self._knowledge.writing_desk(self._accounts[name])

    def anybody(self) -> str:
        """One of the agents."""
        return self._random.choice(AGENTS)

    def about(self, detail: GapDetail) -> str:
        """The topic that more than half of a gap's visits asked for, '' for none."""
        visits: Counter[str] = Counter()
        for wording in detail.wordings:
            visits[self._topic_of.get(fold_text(wording.text), "")] += wording.visits
        topic, count = max(visits.items(), key=lambda each: each[1], default=("", 0))
        return topic if count * 2 > visits.total() else ""

    def strangers(self, detail: GapDetail, topic: str) -> list[tuple[str, int]]:
        """Searches and questions in a gap that are not about the topic."""
        return [item for wording in detail.wordings if self._topic_of.get(fold_text(wording.text)) != topic for item in wording.items]

    def is_ours(self, detail: GapDetail) -> bool:
        """Whether anybody in it asked for something that the help centre is about."""
        return any(fold_text(wording.text) in self._topic_of for wording in detail.wordings)

    def gaps_about(self, topic: str, *, state: str = "active") -> list[Gap]:
        """The gaps in that state, by default those that wait for somebody, that are about the topic, the dearest first."""
        desk = self.desk()
        return [gap for gap in desk.gaps(GapFilter(state=state, days=PERIOD_DAYS)) if self.about(desk.gap(gap.id)) == topic]

    def sort_gaps(self, *, classify: bool = True) -> None:
        """Bring the gaps up to now, if wanted with their kinds, dismiss what is not theirs, unite what is one problem, and give the dearest an owner."""
        desk, first, given = self.desk(), {}, 0
        self._knowledge.update_gaps(classify=classify)
        for gap in desk.gaps():
            detail = desk.gap(gap.id)
            topic = self.about(detail)
            if not self.is_ours(detail):
                desk.dismiss(gap.id, "spam" if any(wording.text == FLOOD_TEXT for wording in detail.wordings) else "not_ours")
                continue
            if topic and topic in first:
                desk.merge(gap.id, first[topic])
                continue
            first[topic] = gap.id
            if gap.owner or given >= SORTED_EACH_TIME:
                continue
            plot = self._script.plot_of.get(topic)
            owner = plot.by if plot and plot.by else self.anybody()
            desk.assign(gap.id, owner, due=(self._clock() + DUE).date().isoformat())
            given += 1
