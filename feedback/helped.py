"""Those who asked in the same words and were helped: what most people find is no gap, however often somebody looks away."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlite_utils import Database

from feedback.groups import EVIDENCE_ITEMS

HELPED_EACH = 2
"""While more than so many visits were helped for each that was not, the articles do their work: a gap fails at least a third of its people."""


def count_helped(database: Database, groups: Iterable[int], *, since: str = "") -> dict[int, int]:
    """Group -> visits that searched in the words of its evidence and were helped, and are not part of that evidence themselves."""
    rows = database.execute(
        "with words as materialized (select distinct m.grouped, e.vector_key, e.session from group_members m"
        f" join ({EVIDENCE_ITEMS}) e on e.source = m.source and e.id = m.source_id where m.grouped in (select value from json_each(?)))"
        " select w.grouped, count(distinct s.session) from (select distinct grouped, vector_key from words) w join searches s on s.vector_key = w.vector_key"
        " where s.audience = 'customer' and s.evidence = '' and s.result in ('confirmed', 'implicit') and s.created_at >= ? and not exists"
        " (select 1 from words o where o.grouped = w.grouped and o.session = s.session) group by w.grouped",
        [json.dumps(list(groups)), since],
    )
    return dict(rows.fetchall())


def does_its_work(*, helped: int, failed: int) -> bool:
    """Whether so many more visits were helped than were not that nothing is missing."""
    return helped > HELPED_EACH * failed
