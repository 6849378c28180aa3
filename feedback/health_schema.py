"""The table of the product's own health record."""

from __future__ import annotations

from sqlite_utils import Database

from kb.database import migration


@migration("feedback_0007_health")
def _record_health(database: Database) -> None:
    # One row is unbroken time in one state of one process. What no row covers was not available either.
    database.execute(
        "create table health_spans (id integer primary key, process text not null, began_at text not null, seen_at text not null,"
        " ok integer not null check (ok in (0, 1)), fault text not null default '')"
    )
    database["health_spans"].create_index(["process"])
    database["health_spans"].create_index(["seen_at"])
