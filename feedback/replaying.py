"""Runs a replay: reads the stored searches, compares them with and without the draft, and judges."""

from __future__ import annotations

from pathlib import Path

from feedback.replay import Replay, judge_replay, works_today
from feedback.replay_searches import StoredSearch, choose_at_risk, read_gap_searches, read_helped_searches
from feedback.scopes import read_scope
from indexer.overlay import Asked, Overlay
from indexer.store import read_token_background
from kb.articles import Article
from kb.database import read

SEARCHES = 500
"""Stored searches of one replay."""
OWN = 200
"""Of them at most so many are the gap's."""


class Replayer:
    """Replays drafts over the live index. Nothing is written, nothing is published."""

    def __init__(self, database_path: Path, overlay: Overlay) -> None:
        self._path, self._overlay = database_path, overlay

    def replay(self, draft: Article, *, gap: int | None = None) -> Replay:
        """The draft against the gap's searches, and those that work today. Raises ArticleError when the draft cannot be rendered, IndexMissing and
        IndexStale without an index."""
        laid = self._overlay.lay(draft)
        with read(self._path) as database:
            own = read_gap_searches(database, gap, limit=OWN) if gap is not None else []
            texts = {each.vector_key for each in own}
            helped = [each for each in read_helped_searches(database) if each.vector_key not in texts]
            working = choose_at_risk(database, helped, laid.vectors, read_token_background(database), limit=SEARCHES - len(own))
        compared = self._overlay.compare(laid, [asked_as(each) for each in (*own, *working)])
        pairs = list(zip(working, compared[len(own) :], strict=True))
        return judge_replay(laid, list(zip(own, compared, strict=False)), [pair for pair in pairs if works_today(*pair)], has_gap=gap is not None)


def asked_as(search: StoredSearch) -> Asked:
    """The search as a customer made it."""
    return Asked(search.text, read_scope(search.scope), search.lang)


