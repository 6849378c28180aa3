"""The demonstration: half a year of simulated customers and a simulated team on the sample articles, through the doors that real ones use."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from feedback.demonstration import mark_demonstration
from feedback.gap_list import GapFilter
from feedback.health import HealthRecord
from feedback.moments import utc_now
from indexer.indexing import Progress
from kb.settings import Settings
from portal.demo_agenda import Agenda, in_office, plan_visits
from portal.demo_customers import Customers, Seen
from portal.demo_folder import copy_articles
from portal.demo_inbox import Inbox
from portal.demo_script import Script
from portal.demo_stage import Stage
from portal.demo_team import SIGN_IN, Team
from portal.demo_turns import Turns
from portal.demo_words import Words
from portal.demo_writers import Writers
from portal.knowledge import KnowledgeBase, open_knowledge_base
from portal.simulated_customers import Clock

VISITS_A_WEEK = 90
SORTING_DAYS, SORTING_HOUR, UPDATE_HOUR = (0, 3), 8, 20
"""On Mondays and Thursdays the team goes through the gaps; every evening they are brought up to now."""
WORDS_DAY, WORDS_HOUR = 2, 14
"""Every other Wednesday it takes over customers' words."""
BEAT = timedelta(hours=1)
OUTAGE_AT, OUTAGE, OUTAGE_FAULT = 0.71, timedelta(minutes=40), "database: the disk that holds kb.sqlite is full"
MONTH = timedelta(weeks=4)


@dataclass(frozen=True)
class DemoReport:
    """What a demonstration holds. Shares are of customers' searches of the first and the last four weeks that were answered; `gaps` and `questions`
    count by state, `reopened` gaps that came back after they had been closed."""

    searches: int
    gaps: dict[str, int]
    closed: int
    reopened: int
    questions: dict[str, int]
    answered_first: float
    answered_last: float
    name: str
    password: str


class Demonstration:
    """Builds one in a folder that was made for it: first the articles and their index, then what happened in so many weeks, which end now."""

    def __init__(self, folder: Path, settings: Settings, script: Script, *, weeks: int, end: datetime | None = None) -> None:
        self._script, self._weeks, self._end = script, weeks, end or utc_now()
        self._begin = self._end - timedelta(weeks=weeks)
        self._clock = Clock(self._begin)
        self._settings = replace(settings, articles=folder / "articles", data=folder / "data")

    def index(self, *, progress: Progress | None = None) -> KnowledgeBase:
        """The sample articles as the story begins, indexed in a database that says what it is. Raises KnowledgeBaseError."""
        copy_articles(self._script, self._settings.articles, at=self._begin)
        mark_demonstration(self._settings.database, self._begin)
        knowledge = open_knowledge_base(self._settings, now=self._clock)
        knowledge.index(progress=progress)
        knowledge.warm_up()
        return knowledge

    def run(self, knowledge: KnowledgeBase, *, seed: int, visits_a_week: int = VISITS_A_WEEK, progress: Progress | None = None) -> DemoReport:
        """Let it all happen. `progress(done, total)` counts days."""
        begin, end, clock, agenda, stage = self._begin, self._end, self._clock, Agenda(self._clock), Stage(self._script)
        team = Team(knowledge, self._script, clock, seed=seed)
        inbox = Inbox(knowledge, self._script, stage, team, agenda, clock, seed=seed)
        customers = Customers(knowledge, self._script, stage, clock, on_asked=inbox.receive, seed=seed)
        writers = Writers(knowledge, self._script, stage, team, inbox, agenda, clock, seed=seed)
        writers.plan(begin, end)
        Turns(self._script, stage, team, writers, agenda, clock, seed=seed).plan(begin, end)
        _plan_days(agenda, knowledge, team, Words(self._script, stage, team, writers, clock), begin, end)
        for moment in plan_visits(begin, end, count=self._weeks * visits_a_week, generator=random.Random(f"visits {seed}")):
            agenda.at(moment, customers.visit)
        _plan_beats(agenda, HealthRecord(self._settings.database, every=BEAT, now=clock, process="demo"), begin, end)
        agenda.run(end, progress=lambda moment: progress((moment - begin).days, self._weeks * 7) if progress else None)
        writers.finish()
        knowledge.update_gaps()
        return _report(team, customers.seen, customers.searches, begin, end)


def _plan_days(agenda: Agenda, knowledge: KnowledgeBase, team: Team, words: Words, begin: datetime, end: datetime) -> None:
    day = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < end:
        agenda.at(day.replace(hour=UPDATE_HOUR), lambda: knowledge.update_gaps(classify=False))
        if day.weekday() in SORTING_DAYS:
            agenda.at(day.replace(hour=SORTING_HOUR), partial(team.sort_gaps, classify=day.weekday() == SORTING_DAYS[0]))
        if day.weekday() == WORDS_DAY and day.isocalendar().week % 2:
            agenda.at(day.replace(hour=WORDS_HOUR), words.improve)
        day += timedelta(days=1)


def _plan_beats(agenda: Agenda, health: HealthRecord, begin: datetime, end: datetime) -> None:
    """The portal is up all the time but for one afternoon's outage."""
    down = in_office(begin + (end - begin) * OUTAGE_AT).replace(minute=10)
    hours = (begin + BEAT * n for n in range(int((end - begin) / BEAT) + 1))
    beats = [hour for hour in hours if not down <= hour < down + OUTAGE] + [down + OUTAGE]
    for moment in beats:
        agenda.at(moment, lambda: health.beat(ok=True))
    for minutes in range(0, OUTAGE // timedelta(minutes=1), 10):
        agenda.at(down + timedelta(minutes=minutes), lambda: health.beat(ok=False, fault=OUTAGE_FAULT))


def _report(team: Team, seen: Sequence[Seen], searches: int, begin: datetime, end: datetime) -> DemoReport:
    desk = team.desk()
    gaps = desk.gaps(GapFilter(state="all", days=(end - begin).days + 1))
    steps = [[step.action for step in desk.gap(gap.id).history] for gap in gaps]
    return DemoReport(
        searches, dict(Counter(gap.state for gap in gaps)), sum("closed" in each for each in steps), sum("reopened" in each for each in steps),
        desk.questions(limit=1).counts, _answered(seen, begin, begin + MONTH), _answered(seen, end - MONTH, end), SIGN_IN, team.password,
    )  # fmt: skip


def _answered(seen: Sequence[Seen], since: datetime, until: datetime) -> float:
    outcomes = [each.outcome == "answered" for each in seen if since <= each.at < until]
    return sum(outcomes) / max(len(outcomes), 1)
