"""What customers said and did about the articles that a gap's searches showed them."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlite_utils import Database

SHOWN = 3
READ = 20.0
"""Seconds: who stays so long has read the article, and knows whether it is the one."""


@dataclass(frozen=True)
class Said:
    """What customers said about articles from a gap's searches: article -> visits, and of the downs article -> reason -> visits."""

    helpful: Counter
    unhelpful: Counter
    reasons: dict[str, Counter]
    visits: int = 0
    """Visits of the gap's searches; of them, by article: to whom it was shown early, and who read it and still was not helped."""
    shown: Mapping[str, int] = field(default_factory=dict)
    in_vain: Mapping[str, int] = field(default_factory=dict)
    used: Mapping[str, int] = field(default_factory=dict)
    """Article -> visits that asked in the same words, read it, and were helped."""

    def passed_over(self, article: str) -> int:
        """How many more visits left the article unread than read it, of those to whom it was shown early."""
        read = self.in_vain.get(article, 0)
        return max(self.shown.get(article, 0) - 2 * read - self.used.get(article, 0) - self.helpful.get(article, 0), 0)


def read_said(database: Database, gap: int) -> Said:
    """Votes from the needs of the gap's searches; a visit counts once an article, by its latest vote."""
    rows = database.execute(
        "select v.article, v.session, v.helpful, v.reason from votes v join searches s on s.id = v.search_id where s.audience = 'customer'"
        " and s.need in (select s2.need from group_members m join groups g on g.id = m.grouped join searches s2 on m.source = 'search'"
        " and s2.id = m.source_id where g.gap = ? and s2.need is not null) order by v.cast_at",
        [gap],
    ).fetchall()
    latest = {(article, session): (helpful, reason) for article, session, helpful, reason in rows}
    helpful, unhelpful, reasons = Counter(), Counter(), defaultdict(Counter)
    for (article, _), (is_helpful, reason) in latest.items():
        (helpful if is_helpful else unhelpful)[article] += 1
        if not is_helpful and reason:
            reasons[article][reason] += 1
    return Said(helpful, unhelpful, dict(reasons), *_read_reading(database, gap))


def _read_reading(database: Database, gap: int) -> tuple[int, dict[str, int], dict[str, int], dict[str, int]]:
    """What `Said` tells of visits, of articles shown early, read in vain, and read by those who were helped."""
    held = database.execute(
        "select s.id, s.session, s.hits, s.vector_key from group_members m join groups g on g.id = m.grouped join searches s on m.source = 'search'"
        " and s.id = m.source_id where g.gap = ? and s.audience = 'customer'",
        [gap],
    ).fetchall()
    shown, in_vain, used = defaultdict(set), defaultdict(set), defaultdict(set)
    for _, session, hits, _ in held:
        for hit in json.loads(hits)[:SHOWN]:
            shown[hit["article"]].add(session)
    read_long = "select o.article, o.session from opens o join searches s on s.id = o.search_id where o.read_seconds >= ?"
    for article, session in database.execute(
        f"{read_long} and s.id in (select value from json_each(?))", [READ, json.dumps([id for id, _, _, _ in held])]
    ).fetchall():
        in_vain[article].add(session)
    for article, session in database.execute(
        f"{read_long} and s.audience = 'customer' and s.evidence = '' and s.result in ('confirmed', 'implicit')"
        " and s.vector_key in (select value from json_each(?))",
        [READ, json.dumps(list({key for _, _, _, key in held}))],
    ).fetchall():
        used[article].add(session)
    counts = [{article: len(sessions) for article, sessions in each.items()} for each in (shown, in_vain, used)]
    return len({session for _, session, _, _ in held}), *counts
