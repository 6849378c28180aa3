"""The columns in which customers say how content they are with the way their question was handled."""

from __future__ import annotations

from sqlite_utils import Database

from kb.database import migration


@migration("feedback_0008_ratings")
def _add_ratings(database: Database) -> None:
    # 1, not at all, to 5, very; the last word counts. It is no step of the question's history: that is what agents read.
    database.execute("alter table questions add column rating integer check (rating between 1 and 5)")
    database.execute("alter table questions add column rated_at text")
