"""What the demonstration's team does every other week about an article that is there and is not found: it takes over its customers' words."""

from __future__ import annotations

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

TAKEN_OVER = 4
"""Words are the more a burden the more there are: so many at a time."""


class Words:
    """Goes through the gaps whose answer is there, the dearest first, each once."""

    def __init__(self, script: Script, stage: Stage, team: Team, writers: Writers) -> None:
        self._script, self._stage, self._team, self._writers = script, stage, team, writers
        self._done: set[int] = set()

    def improve(self) -> None:
        """Close the next of these gaps: by the words that it lacks, or because a replay shows that its searches find the article already."""
        desk = self._team.desk()
        for gap in desk.gaps():
            detail = desk.gap(gap.id)
            topic = self._team.about(detail)
            if gap.id in self._done or not topic or not self._is_there(topic):
                continue
            self._done.add(gap.id)
            self._take_over(gap, detail, topic)
            return

    def _is_there(self, topic: str) -> bool:
        now = self._stage.topic(topic)
        return bool(now.kept_sources) and now.truth == "kept" and getattr(self._script.plot_of.get(topic), "begins", "") != "unfindable"

    def _take_over(self, gap: Gap, detail: GapDetail, topic: str) -> None:
        agent = gap.owner or self._team.anybody()
        desk, writing = self._team.desk(agent), self._team.writing(agent)
        article = f"{language_to_write(detail)}/{topic}"
        file = writing.read(article)
        replay = writing.replay(article, file.text, gap=gap.id)
        if replay.may_publish:
            desk.close(gap.id, f"{article} comes first for {replay.closes:.0%} of these searches already; looked through the others, no change needed.")
            return
        text = set_fields(file.text, {"aliases": [*parse_article(file.text, id=article).aliases, *_lacking(replay, article)]})
        try:
            saved = writing.publish(article, text, version=file.version, gap=gap.id, message="customers' words")
        except ReplayRefused as refusal:
            desk.note_gap(gap.id, f"Aliases alone do not close it: {refusal}")
            return
        self._writers.indexed(saved.indexing)
        self._writers.tell(gap.id, article)


def _lacking(replay: Replay, article: str) -> list[str]:
    """Wordings, in the language of the article, that do not find it first, or are told that nothing was found."""
    lang = article.split("/")[0]
    failing = [each for each in replay.own if each.lang == lang and (each.after != 1 or each.confidence_after < SURE)]
    return [each.text for each in failing if "[" not in each.text][:TAKEN_OVER]
