"""The table of what each run of the standing test found."""

from __future__ import annotations

from sqlite_utils import Database

from kb.database import migration


@migration("feedback_0009_standing_runs")
def _record_runs(database: Database) -> None:
    # Of each text by the place at which its article came: found on the first page, first; reciprocal is the mean of 1/place, 0 for nowhere.
    database.execute(
        "create table standing_runs (id integer primary key, at text not null, generation integer not null, searches integer not null,"
        " found integer not null, first integer not null, reciprocal real not null)"
    )
    database["standing_runs"].create_index(["at"])
