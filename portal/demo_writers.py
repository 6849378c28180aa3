"""How the demonstration's team mends what is missing: drafts from gaps, review, replay, publication, and what follows from it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from feedback.gap_list import Gap
from feedback.proofs import ReplayRefused
from kb.front_fields import set_fields
from portal.demo_agenda import Agenda, in_office
from portal.demo_inbox import SOLVED_AT_LAST, Inbox
from portal.demo_script import LANGS, Plot, Script
from portal.demo_stage import Stage
from portal.demo_team import LEAD, Team
from portal.gap_writing import add_aliases, begin_translation, language_to_write
from portal.knowledge import KnowledgeBase
from portal.publishing import publish_changes
from portal.simulated_customers import Clock

NEXT_DAY, LOOKED_AT_AGAIN = timedelta(hours=22), timedelta(days=4)
UNWRITTEN = {"status": "draft", "updated": None}


class Writers:
    """Takes up each plot at its time, once its gap is there."""

    def __init__(
        self, knowledge: KnowledgeBase, script: Script, stage: Stage, team: Team, inbox: Inbox, agenda: Agenda, clock: Clock, *, seed: int
    ) -> None:  # fmt: skip
        self._knowledge, self._script, self._stage, self._team, self._inbox, self._agenda, self._clock = knowledge, script, stage, team, inbox, agenda, clock
        self._random = random.Random(f"writers {seed}")

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
        if plot.begins in ("missing", "removed"):
            self._begin(plot, gap)
        elif plot.begins == "one_language":
            self._translate(plot, gap)
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
        lang = language_to_write(self._team.desk().gap(gap.id))
        text = self._script.draft(plot.first, lang) if plot.first else self._script.text(plot.topic, lang)
        other = next(each for each in LANGS if each != lang)
        writing = self._team.writing(plot.by)
        article = writing.begin(f"{lang}/{plot.topic}", set_fields(text, {**UNWRITTEN, "gap": str(gap.id)}))
        twin = writing.begin(f"{other}/{plot.topic}", set_fields(self._script.text(plot.topic, other), UNWRITTEN))
        self._team.desk(plot.by).draft_gap(gap.id, article)
        self._indexed()
        self._agenda.at(self._some_time(self._clock() + NEXT_DAY), partial(self._submit, plot, gap.id, article, twin))

    def _submit(self, plot: Plot, gap: int, article: str, twin: str, *, text: str = "") -> None:
        """The author replays the draft and hands it in for review, with another text if one is given."""
        writing = self._team.writing(plot.by)
        file = writing.read(article)
        file = writing.move(article, set_fields(text, {**UNWRITTEN, "gap": str(gap)}) if text else file.text, "review", version=file.version).file
        self._indexed()
        self._agenda.at(self._some_time(self._clock() + NEXT_DAY), partial(self._review, plot, gap, article, twin))

    def _review(self, plot: Plot, gap: int, article: str, twin: str) -> None:
        """A second person publishes it; where the replay advises against it, it goes back, or there is a reason to publish it all the same."""
        checker, lang = plot.checked_by or LEAD, article.split("/")[0]
        writing = self._team.writing(checker)
        file = writing.read(article)
        try:
            saved = writing.publish(article, file.text, version=file.version)
        except ReplayRefused as refusal:
            if plot.reason:
                saved = writing.publish(article, file.text, version=file.version, replay_reason=plot.reason)
            else:
                writing.comment(article, f"{refusal}")
                writing.move(article, file.text, "draft", version=file.version)
                self._indexed()
                if plot.first:
                    again = partial(self._submit, replace(plot, first=""), gap, article, twin, text=self._script.text(plot.topic, lang))
                    self._agenda.at(self._some_time(self._clock() + NEXT_DAY), again)
                return
        saved.indexing.result()
        self._publish_alone(twin)
        self._stage.show(plot.topic)
        self._tell(gap, article)

    def _publish_alone(self, article: str, **how: object) -> None:
        writing = self._team.writing(LEAD)
        file = writing.read(article)
        writing.publish(article, file.text, version=file.version, alone=True, **how)
        self._indexed()

    # An article that is there

    def _translate(self, plot: Plot, gap: Gap) -> None:
        """The missing version, beginning with the text that is there."""
        article = begin_translation(self._team.desk(plot.by), self._team.writing(plot.by), gap.id)
        self._indexed()
        writing = self._team.writing(plot.by)
        file = writing.read(article)
        lang = article.split("/")[0]
        text = set_fields(self._script.text(plot.topic, lang), {**UNWRITTEN, "gap": str(gap.id)})
        writing.save(article, text, version=file.version)
        self._agenda.at(self._some_time(self._clock() + NEXT_DAY), partial(self._publish_translation, plot, gap.id, article))

    def _publish_translation(self, plot: Plot, gap: int, article: str) -> None:
        self._publish_alone(article)
        self._stage.show(plot.topic)
        self._tell(gap, article)

    def _rewrite(self, plot: Plot, gap: Gap) -> None:
        """The article says at last what its readers lacked, in both languages."""
        main = language_to_write(self._team.desk().gap(gap.id))
        for lang in sorted(LANGS, key=lambda each: each != main):
            writing, article = self._team.writing(plot.by), f"{lang}/{plot.topic}"
            file = writing.read(article)
            text = set_fields(self._script.text(plot.topic, lang), {"gap": str(gap.id)} if lang == main else {})
            try:
                writing.publish(article, text, version=file.version, gap=gap.id if lang == main else None)
            except ReplayRefused:
                writing.publish(article, text, version=file.version, gap=gap.id if lang == main else None, replay_reason=plot.reason)
            self._indexed()
        self._stage.show(plot.topic)
        self._tell(gap.id, f"{main}/{plot.topic}")

    def _find_words(self, plot: Plot, gap: Gap) -> None:
        """Its customers' words become aliases, as far as a replay shows that they help."""
        suggestion = self._team.desk(plot.by).suggest_aliases(gap.id)
        if suggestion is None or not suggestion.aliases:
            self._team.desk(plot.by).note_gap(gap.id, "no alias helps yet")
            return
        add_aliases(self._team.writing(plot.by), suggestion, gap=gap.id)
        self._indexed()
        self._tell(gap.id, suggestion.article)

    # What becomes of it later

    def _archive(self, plot: Plot) -> None:
        """Taken out of the help centre: its searches find nothing any more, and its gap opens again."""
        writing = self._team.writing(LEAD)
        for lang in LANGS:
            file = writing.read(f"{lang}/{plot.topic}")
            writing.move(file.id, file.text, "archived", version=file.version)
        self._indexed()
        self._stage.show(plot.topic, langs=())

    def _restore(self, plot: Plot) -> None:
        for lang in LANGS:
            writing = self._team.writing(plot.by)
            file = writing.read(f"{lang}/{plot.topic}")
            writing.move(file.id, file.text, "draft", version=file.version)
            self._indexed()
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

    def _indexed(self) -> None:
        """Wait until customers find what was written, and until what worked before has been tested."""
        publish_changes(self._knowledge).result()
        self._knowledge.test_standing()

    def _some_time(self, moment: datetime) -> datetime:
        """That day in office hours, at no round time."""
        return in_office(moment.replace(hour=self._random.randrange(8, 16), minute=self._random.randrange(60), second=self._random.randrange(60)))
