"""The checksums beside what the index holds: SQLite itself does not notice a flipped bit within a row."""

from __future__ import annotations

from sqlite_utils import Database

import indexer.schema  # noqa: F401  the tables that are checked come first
from indexer.checksums import seal_all
from kb.database import migration


@migration("indexer_0006_checksums")
def _create(database: Database) -> None:
    # A later change of a checked column, or a further one, needs a further migration that calls seal_all.
    database.execute("create table article_checksums (article text primary key references articles(id) on delete cascade, crc32 integer not null)")
    database.execute("create table passage_checksums (passage integer primary key references passages(id) on delete cascade, crc32 integer not null)")
    seal_all(database)
