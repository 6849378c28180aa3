"""What the demonstration's lead decides besides: an article is archived and comes back, a gap is dismissed."""

from __future__ import annotations

import random
from datetime import datetime
from functools import partial

from portal.demo_agenda import Agenda, some_time
from portal.demo_script import LANGS, Plot, Script
from portal.demo_stage import Stage
from portal.demo_team import LEAD, Team
from portal.demo_writers import LOOKED_AT_AGAIN, Writers
from portal.simulated_customers import Clock


class Turns:
    """Takes the turns of the story at their times."""

    def __init__(self, script: Script, stage: Stage, team: Team, writers: Writers, agenda: Agenda, clock: Clock, *, seed: int) -> None:
        self._script, self._stage, self._team, self._writers, self._agenda, self._clock = script, stage, team, writers, agenda, clock
        self._random = random.Random(f"turns {seed}")
        self._archived: dict[str, str] = {}
        """Topic -> its article that was archived."""

    def plan(self, begin: datetime, end: datetime) -> None:
        """Put what is to be decided between these two moments on the agenda."""
        for plot in self._script.plots:
            for share, act in ((plot.archived, self._archive), (plot.restored, self._restore), (plot.dismissed, self._dismiss)):
                if share is not None:
                    self._agenda.at(some_time(begin + (end - begin) * share, self._random), partial(act, plot))

    def _archive(self, plot: Plot) -> None:
        """Taken out of the help centre: its searches do not find it any more, and its gap opens again. In a short run it may not be there yet."""
        desk = self._team.desk()
        proof = next((proof for gap in self._team.gaps_about(plot.topic, state="all") for proof in desk.proofs(gap.id) if proof.state == "held"), None)
        if proof is None:
            return
        writing = self._team.writing(LEAD)
        file = writing.read(proof.article)
        self._writers.indexed(writing.move(file.id, file.text, "archived", version=file.version).indexing)
        self._archived[plot.topic] = file.id
        self._stage.show(plot.topic, langs=tuple(lang for lang in LANGS if not file.id.startswith(f"{lang}/")))

    def _restore(self, plot: Plot) -> None:
        article = self._archived.pop(plot.topic, "")
        if not article:
            return
        writing = self._team.writing(LEAD)
        file = writing.read(article)
        draft = writing.move(article, file.text, "draft", version=file.version)
        self._writers.indexed(writing.publish(article, draft.file.text, version=draft.file.version, alone=True, replay_reason=plot.reason).indexing)
        self._stage.show(plot.topic)

    def _dismiss(self, plot: Plot) -> None:
        """While there is no such gap, it is tried again some days later."""
        gap = next(iter(self._team.gaps_about(plot.topic)), None)
        if gap is None:
            self._agenda.at(some_time(self._clock() + LOOKED_AT_AGAIN, self._random), partial(self._dismiss, plot))
        else:
            self._team.desk().dismiss(gap.id, plot.dismissal, note=plot.note)
