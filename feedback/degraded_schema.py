"""The column that says of a search that the machine was too busy to answer it in full."""

from __future__ import annotations

from sqlite_utils import Database

from kb.database import migration


@migration("feedback_0010_degraded")
def _mark_degraded(database: Database) -> None:
    # What such a search did not find may be there all the same: it is never evidence of a gap.
    database.execute("alter table searches add column degraded integer not null default 0 check (degraded in (0, 1))")
