"""How the demonstration's team mends what is missing: drafts from gaps, review, replay, publication, and what follows from it."""

from __future__ import annotations

import random
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from feedback.gap_list import Gap
from feedback.proofs import ReplayRefused
from kb.article_files import ArticleFile
from kb.front_fields import set_fields
from portal.demo_agenda import Agenda, some_time
from portal.demo_inbox import SOLVED_AT_LAST, Inbox
from portal.demo_script import LANGS, Plot, Script
from portal.demo_stage import Stage
from portal.demo_team import LEAD, Team
from portal.demo_translating import write_twin
from portal.gap_writing import add_aliases, language_to_write
from portal.knowledge import KnowledgeBase
from portal.publishing import publish_changes
from portal.saving import Saved
from portal.simulated_customers import Clock
from portal.writing import WritingDesk

NEXT_DAY, LOOKED_AT_AGAIN = timedelta(hours=22), timedelta(days=4)
REASON = "Whoever asks in the other language will find the version that follows; for the others it comes first."
UNWRITTEN = {"status": "draft", "updated": None}


class Writers:
    """Takes up each plot at its time, once its gap is there."""

    def __init__(
        self, knowledge: KnowledgeBase, script: Script, stage: Stage, team: Team, inbox: Inbox, agenda: Agenda, clock: Clock, *, seed: int
    ) -> None:  # fmt: skip
        self._knowledge, self._script, self._stage, self._team, self._inbox, self._agenda, self._clock = knowledge, script, stage, team, inbox, agenda, clock
        self._random = random.Random(f"writers {seed}")
        self._translated: list[str] = []
        """Topics whose other language version is written and not indexed yet."""

    def plan(self, begin: datetime, end: datetime) -> None:
        """Put what is to be written between these two moments on the agenda."""
        for plot in self._script.plots:
            if plot.taken_up is not None:
                self._agenda.at(self._some_time(begin + (end - begin) * plot.taken_up), partial(self._take_up, plot))

    def indexed(self, indexing: Future) -> None:
        """Wait until customers find what was written, and until its proof is settled and what worked before has been tested."""
        indexing.result()
        self._knowledge.test_standing()
        while self._translated:
            self._stage.show(self._translated.pop())

    def tell(self, gap: int, article: str) -> None:
        """Those who left an address hear of the article, and most say whether it helped."""
        desk = self._team.desk()
        for each in desk.waiting(gap):
            if not each.told_at:
                desk.tell(each.question, article)
                back = self._clock() + timedelta(hours=self._random.uniform(1, 60))
                self._agenda.at(back, partial(self._inbox.hear, each.reference, solved=SOLVED_AT_LAST, trouble=True))

    def _take_up(self, plot: Plot) -> None:
        gap = next(iter(self._team.gaps_about(plot.topic)), None)
        if gap is None:
            self._agenda.at(self._some_time(self._clock() + LOOKED_AT_AGAIN), partial(self._take_up, plot))
        elif plot.begins == "unhelpful":
            self._rewrite(plot, gap)
        elif plot.begins == "unfindable":
            self._find_words(plot, gap)
        else:
            self._begin(plot, gap)

    # A missing article

    def _begin(self, plot: Plot, gap: Gap) -> None:
        """A draft in the language that is missing, or in which most people asked."""
        lang = plot.lacks or language_to_write(self._team.desk().gap(gap.id))
        text = self._script.draft(plot.first, lang) if plot.first else self._script.text(plot.topic, lang)
        article = self._team.writing(plot.by).begin(f"{lang}/{plot.topic}", set_fields(text, {**UNWRITTEN, "gap": str(gap.id)}))
        self._team.desk(plot.by).draft_gap(gap.id, article)
        self._submit(plot, gap.id, article)

    def _submit(self, plot: Plot, gap: int, article: str, *, text: str = "") -> None:
        """The author hands the draft in for review, with another text if one is given."""
        writing = self._team.writing(plot.by)
        file = writing.read(article)
        text = set_fields(text, {**UNWRITTEN, "gap": str(gap)}) if text else file.text
        self.indexed(writing.move(article, text, "review", version=file.version).indexing)
        self._agenda.at(self._some_time(self._clock() + NEXT_DAY), partial(self._review, plot, gap, article))

    def _review(self, plot: Plot, gap: int, article: str) -> None:
        """A second person publishes it. Where the replay advises against it, the draft goes back to its author; or what does not belong to the gap is
        split off; or else there is a reason to publish it."""
        writing = self._team.writing(plot.checked_by or LEAD)
        file, again = writing.read(article), self._some_time(self._clock() + NEXT_DAY)
        try:
            saved = writing.publish(article, file.text, version=file.version)
        except ReplayRefused as refusal:
            writing.comment(article, str(refusal))
            if plot.first:
                self.indexed(writing.move(article, file.text, "draft", version=file.version).indexing)
                whole = self._script.text(plot.topic, article.split("/")[0])
                self._agenda.at(again, partial(self._submit, replace(plot, first=""), gap, article, text=whole))
                return
            if self._split_off_strangers(plot, gap):
                self._agenda.at(again, partial(self._review, plot, gap, article))
                return
            saved = writing.publish(article, file.text, version=file.version, replay_reason=plot.reason or REASON)
        self._follow(plot, gap, article, saved)

    def _split_off_strangers(self, plot: Plot, gap: int) -> bool:
        """Whether the gap held anything that is about something else, which now has a gap of its own."""
        desk = self._team.desk(plot.by)
        detail = desk.gap(gap)
        strangers = self._team.strangers(detail, plot.topic)
        if not strangers or len(strangers) == sum(len(wording.items) for wording in detail.wordings):
            return False
        desk.split(detail.gap.id, strangers)
        return True

    def _publish(self, writing: WritingDesk, file: ArticleFile, plot: Plot, *, gap: int) -> Saved:
        """The changes published as the replay advises, or for the plot's reason."""
        try:
            return writing.publish(file.id, file.text, version=file.version, gap=gap)
        except ReplayRefused:
            return writing.publish(file.id, file.text, version=file.version, gap=gap, replay_reason=plot.reason or REASON)

    def _follow(self, plot: Plot, gap: int, article: str, saved: Saved) -> None:
        """Customers find it, those who asked are told, and its other language version is there when the index runs next."""
        self.indexed(saved.indexing)
        is_there = plot.lacks or plot.begins in ("unhelpful", "unfindable")
        self._stage.show(plot.topic, langs=LANGS if is_there else (article.split("/")[0],))
        if not plot.lacks:
            write_twin(self._knowledge.settings.articles, self._script, article, author=plot.by, on=self._clock())
            self._translated.append(plot.topic)
        self.tell(gap, article)

    def finish(self) -> None:
        """What is written and not indexed yet is found, too."""
        self.indexed(publish_changes(self._knowledge))

    # An article that is there

    def _rewrite(self, plot: Plot, gap: Gap) -> None:
        """The article says at last what its readers lacked."""
        lang, writing = language_to_write(self._team.desk().gap(gap.id)), self._team.writing(plot.by)
        better = replace(writing.read(f"{lang}/{plot.topic}"), text=self._script.text(plot.topic, lang))
        self._follow(plot, gap.id, better.id, self._publish(writing, better, plot, gap=gap.id))

    def _find_words(self, plot: Plot, gap: Gap) -> None:
        """Its customers' words become aliases, as far as a replay shows that they help."""
        suggestion = self._team.desk(plot.by).suggest_aliases(gap.id)
        if suggestion is None or not suggestion.aliases:
            # Aliases are not enough, or the machine does not see which article it is: the title says it in customers' words, too.
            self._rewrite(plot, gap)
            return
        self.indexed(add_aliases(self._team.writing(plot.by), suggestion, gap=gap.id).indexing)
        self.tell(gap.id, suggestion.article)

    def _some_time(self, moment: datetime) -> datetime:
        return some_time(moment, self._random)
