"""What the demonstration's team does every other week about an article that is there and is not found: it takes over its customers' words."""

from __future__ import annotations

from datetime import datetime, timedelta

from feedback.gap_list import Gap, GapDetail
from feedback.proofs import ReplayRefused
from feedback.replay import SURE, Replay
from kb.articles import parse_article
from kb.front_fields import set_fields
from portal.demo_script import Script
from portal.demo_stage import Stage
from portal.demo_team import Team
from portal.demo_writers import Writers
from portal.gap_writing import language_to_write
from portal.simulated_customers import Clock

TAKEN_OVER = 4
"""Words are the more a burden the more there are: so many at a time."""
AT_ONCE, AGAIN = 3, timedelta(weeks=4)


class Words:
    """Goes through the gaps whose answer is there, the dearest first; to one that came back, again after some weeks."""

    def __init__(self, script: Script, stage: Stage, team: Team, writers: Writers, clock: Clock) -> None:
        self._script, self._stage, self._team, self._writers, self._clock = script, stage, team, writers, clock
        self._done: dict[int, datetime] = {}

    def improve(self) -> None:
        """Close the next of these gaps: by the words that it lacks, or because a replay shows that its searches find the article already."""
        desk, now, looked_at = self._team.desk(), self._clock(), 0
        for gap in desk.gaps():
            if gap.id in self._done and now - self._done[gap.id] < AGAIN:
                continue
            detail = desk.gap(gap.id)
            topic = self._team.about(detail)
            if topic and self._is_there(topic):
                self._done[gap.id] = now
                looked_at += 1
                if self._take_over(gap, detail, topic) or looked_at == AT_ONCE:
                    return

    def _is_there(self, topic: str) -> bool:
        now = self._stage.topic(topic)
        plot = self._script.plot_of.get(topic)
        return bool(now.kept_sources) and now.truth == "kept" and not (plot and plot.begins == "unfindable")

    def _take_over(self, gap: Gap, detail: GapDetail, topic: str) -> bool:
        """Whether it took some work: a look at what a replay says does not."""
        agent = gap.owner or self._team.anybody()
        desk, writing = self._team.desk(agent), self._team.writing(agent)
        article = f"{language_to_write(detail)}/{topic}"
        file = writing.read(article)
        replay = writing.replay(article, file.text, gap=gap.id)
        if replay.may_publish:
            desk.close(gap.id, f"{article} comes first for {replay.closes:.0%} of these searches already; looked through the others, no change needed.")
            return False
        text = set_fields(file.text, {"aliases": [*parse_article(file.text, id=article).aliases, *_lacking(replay, article)]})
        try:
            saved = writing.publish(article, text, version=file.version, gap=gap.id, message="customers' words")
        except ReplayRefused as refusal:
            desk.note_gap(gap.id, f"Aliases alone do not close it: {refusal}")
            return True
        self._writers.indexed(saved.indexing)
        self._writers.tell(gap.id, article)
        return True


def _lacking(replay: Replay, article: str) -> list[str]:
    """Wordings, in the language of the article, that do not find it first, or are told that nothing was found."""
    lang = article.split("/")[0]
    failing = [each for each in replay.own if each.lang == lang and (each.after != 1 or each.confidence_after < SURE)]
    return [each.text for each in failing if "[" not in each.text][:TAKEN_OVER]
