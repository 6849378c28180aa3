"""How the demonstration's team mends what is missing: drafts from gaps, review, replay, publication, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from feedback.gap_list import Gap
from feedback.proofs import ReplayRefused
from kb.article_files import ArticleFile
from kb.front_fields import set_fields
from portal.demo_agenda import Agenda, in_office
from portal.demo_inbox import SOLVED_AT_LAST, Inbox
from portal.demo_script import LANGS, Plot, Script
from portal.demo_stage import Stage
from portal.demo_team import LEAD, Team
from portal.gap_writing import add_aliases, language_to_write
from portal.knowledge import KnowledgeBase
from portal.publishing import publish_changes
from portal.saving import Saved
from portal.simulated_customers import Clock
from portal.writing import WritingDesk

NEXT_DAY, LOOKED_AT_AGAIN = timedelta(hours=22), timedelta(days=4)
UNWRITTEN = {"status": "draft", "updated": None}


class Writers:
    """Takes up each plot at its time, once its gap is there."""

    def __init__(
        self, knowledge: KnowledgeBase, script: Script, stage: Stage, team: Team, inbox: Inbox, agenda: Agenda, clock: Clock, *, seed: int
    ) -> None:  # fmt: skip
        self._knowledge, self._script, self._stage, self._team, self._inbox, self._agenda, self._clock = knowledge, script, stage, team, inbox, agenda, clock
        self._random = random.Random(f"writers {seed}")
        self._archived: set[str] = set()

    def plan(self, begin: datetime, end: datetime) -> None:
        """Put the story between these two moments on the agenda."""
        for plot in self._script.plots:
            for share, act in ((plot.taken_up, self._take_up), (plot.dismissed, self._dismiss), (plot.archived, self._archive), (plot.restored, self._restore)):
                if share is not None:
                    self._agenda.at(self._some_time(begin + (end - begin) * share), partial(act, plot))

    def _take_up(self, plot: Plot) -> None:
        gap = self._gap(plot, self._take_up)
        if gap is None:
            return
        if plot.begins in ("missing", "removed", "one_language"):
            self._begin(plot, gap)
        elif plot.begins == "unhelpful":
            self._rewrite(plot, gap)
        else:
            self._find_words(plot, gap)

    def _gap(self, plot: Plot, act: Callable[[Plot], None]) -> Gap | None:
        """The plot's dearest gap; while there is none, it is tried again some days later."""
        gap = next(iter(self._team.gaps_about(plot.topic)), None)
        if gap is None:
            self._agenda.at(self._some_time(self._clock() + LOOKED_AT_AGAIN), partial(act, plot))
        return gap

    # A missing article

    def _begin(self, plot: Plot, gap: Gap) -> None:
        """Drafts in both languages: the one most people asked in is to close the gap, the other follows it."""
        main = plot.lacks or language_to_write(self._team.desk().gap(gap.id))
        twin = "" if plot.lacks else next(lang for lang in LANGS if lang != main)
        writing = self._team.writing(plot.by)
        text = self._script.draft(plot.first, main) if plot.first else self._script.text(plot.topic, main)
        article = writing.begin(f"{main}/{plot.topic}", set_fields(text, {**UNWRITTEN, "gap": str(gap.id)}))
        if twin:
            writing.begin(f"{twin}/{plot.topic}", set_fields(self._script.text(plot.topic, twin), UNWRITTEN))
        self._team.desk(plot.by).draft_gap(gap.id, article)
        self._indexed(publish_changes(self._knowledge))
        self._agenda.at(self._some_time(self._clock() + NEXT_DAY), partial(self._submit, plot, gap.id, article))

    def _submit(self, plot: Plot, gap: int, article: str, *, text: str = "") -> None:
        """The author hands the draft in for review, with another text if one is given."""
        writing = self._team.writing(plot.by)
        file = writing.read(article)
        text = set_fields(text, {**UNWRITTEN, "gap": str(gap)}) if text else file.text
        self._indexed(writing.move(article, text, "review", version=file.version).indexing)
        self._agenda.at(self._some_time(self._clock() + NEXT_DAY), partial(self._review, plot, gap, article))

    def _review(self, plot: Plot, gap: int, article: str) -> None:
        """A second person publishes it; where the replay advises against it, there is a reason to do so all the same, or it goes back."""
        writing = self._team.writing(plot.checked_by or LEAD)
        file = writing.read(article)
        try:
            saved = self._publish(writing, file, plot)
        except ReplayRefused as refusal:
            writing.comment(article, str(refusal))
            self._indexed(writing.move(article, file.text, "draft", version=file.version).indexing)
            if plot.first:
                whole = self._script.text(plot.topic, article.split("/")[0])
                again = partial(self._submit, replace(plot, first=""), gap, article, text=whole)
                self._agenda.at(self._some_time(self._clock() + NEXT_DAY), again)
            return
        # The proof is settled before anything else is published.
        self._indexed(saved.indexing)
        for lang in LANGS:
            if article != f"{lang}/{plot.topic}" and not plot.lacks:
                self._publish_alone(f"{lang}/{plot.topic}")
        self._stage.show(plot.topic)
        self._tell(gap, article)

    def _publish(self, writing: WritingDesk, file: ArticleFile, plot: Plot, **how: object) -> Saved:
        """Published as the replay advises, or for the plot's reason."""
        try:
            return writing.publish(file.id, file.text, version=file.version, **how)
        except ReplayRefused:
            if not plot.reason:
                raise
            return writing.publish(file.id, file.text, version=file.version, replay_reason=plot.reason, **how)

    def _publish_alone(self, article: str) -> None:
        writing = self._team.writing(LEAD)
        file = writing.read(article)
        self._indexed(writing.publish(article, file.text, version=file.version, alone=True).indexing)

    # An article that is there

    def _rewrite(self, plot: Plot, gap: Gap) -> None:
        """The article says at last what its readers lacked, in both languages."""
        main = language_to_write(self._team.desk().gap(gap.id))
        writing = self._team.writing(plot.by)
        for lang in sorted(LANGS, key=lambda each: each != main):
            file = writing.read(f"{lang}/{plot.topic}")
            better = replace(file, text=self._script.text(plot.topic, lang))
            self._indexed(self._publish(writing, better, plot, gap=gap.id if lang == main else None).indexing)
        self._stage.show(plot.topic)
        self._tell(gap.id, f"{main}/{plot.topic}")

    def _find_words(self, plot: Plot, gap: Gap) -> None:
        """Its customers' words become aliases, as far as a replay shows that they help."""
        suggestion = self._team.desk(plot.by).suggest_aliases(gap.id)
        if suggestion is None or not suggestion.aliases:
            self._team.desk(plot.by).note_gap(gap.id, "no alias helps yet")
            return
        self._indexed(add_aliases(self._team.writing(plot.by), suggestion, gap=gap.id).indexing)
        self._tell(gap.id, suggestion.article)

    # What becomes of it later

    def _archive(self, plot: Plot) -> None:
        """Taken out of the help centre: its searches find nothing any more, and its gap opens again. In a short run it may not be there yet."""
        if not self._stage.topic(plot.topic).kept_sources:
            return
        self._archived.add(plot.topic)
        writing = self._team.writing(LEAD)
        for lang in LANGS:
            file = writing.read(f"{lang}/{plot.topic}")
            self._indexed(writing.move(file.id, file.text, "archived", version=file.version).indexing)
        self._stage.show(plot.topic, langs=())

    def _restore(self, plot: Plot) -> None:
        if plot.topic not in self._archived:
            return
        for lang in LANGS:
            writing = self._team.writing(plot.by)
            file = writing.read(f"{lang}/{plot.topic}")
            self._indexed(writing.move(file.id, file.text, "draft", version=file.version).indexing)
            self._publish_alone(file.id)
        self._stage.show(plot.topic)

    def _dismiss(self, plot: Plot) -> None:
        gap = self._gap(plot, self._dismiss)
        if gap is not None:
            self._team.desk().dismiss(gap.id, plot.dismissal, note=plot.note)

    def _tell(self, gap: int, article: str) -> None:
        """Those who left an address hear of the article, and most say whether it helped."""
        desk = self._team.desk()
        for each in desk.waiting(gap):
            if not each.told_at:
                desk.tell(each.question, article)
                back = self._clock() + timedelta(hours=self._random.uniform(1, 60))
                self._agenda.at(back, partial(self._inbox.hear, each.reference, solved=SOLVED_AT_LAST, trouble=True))

    def _indexed(self, indexing: Future) -> None:
        """Wait until customers find what was written, and until what worked before has been tested."""
        indexing.result()
        self._knowledge.test_standing()

    def _some_time(self, moment: datetime) -> datetime:
        """That day in office hours, at no round time."""
        return in_office(moment.replace(hour=self._random.randrange(8, 16), minute=self._random.randrange(60), second=self._random.randrange(60)))
