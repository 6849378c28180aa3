"""Count one calendar day: its requests by topic and result, how long help took, what happened to each article."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlite_utils import Database

from feedback.outcomes import GLANCE
from feedback.periods import day_bounds
from feedback.requests import Request, Search, direct_question, judge_request
from feedback.topic_names import name_topics

DAY_TABLES = ("day_requests", "day_waits", "day_articles", "day_excluded")


def count_day(database: Database, day: date, *, zone: ZoneInfo, now: datetime) -> None:
    """Put the day's counts in the place of those that were there."""
    since, until = day_bounds(day, zone)
    name = day.isoformat()
    for table in DAY_TABLES:
        database.execute(f"delete from {table} where day = ?", [name])
    requests, searches, waits = Counter(), Counter(), Counter()
    for request in _read_requests(database, since, until):
        row = (request.lang, request.product, request.topic, request.outcome, request.result, request.answered, request.opened, request.asked)
        requests[row] += 1
        searches[row] += request.searches
        if request.waited is not None:
            waits[request.lang, request.product, request.result, request.waited] += 1
    database.conn.executemany(
        "insert into day_requests values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [(name, *row, count, searches[row]) for row, count in requests.items()]
    )
    database.conn.executemany("insert into day_waits values (?, ?, ?, ?, ?, ?)", [(name, *row, count) for row, count in waits.items()])
    _count_articles(database, name, since, until)
    database.execute(
        "insert into day_excluded select ?, audience, count(*) from searches where created_at >= ? and created_at < ? and audience != 'customer' group by audience",
        [name, since, until],
    )
    name_topics(database, {topic for _, _, topic, *_ in requests if topic.startswith("a:")}, now=now)


def _read_requests(database: Database, since: str, until: str) -> Iterator[Request]:
    """The requests of the day. Each of their searches is given its topic."""
    products = dict(database.execute("select id, product from articles where product != ''").fetchall())
    changed = []
    for members in _read_needs(database, since, until).values():
        request = judge_request([search for search, _ in members], products=products)
        changed += [(request.topic, search.id) for search, topic in members if topic != request.topic]
        yield request
    database.conn.executemany("update searches set topic = ? where id = ?", changed)
    questions = database.execute(
        "select q.lang, q.product, (select g.gap from group_members m join groups g on g.id = m.grouped where m.source = 'question' and m.source_id = q.id)"
        " from questions q where q.created_at >= ? and q.created_at < ? and q.audience = 'customer'"
        " and not exists (select 1 from searches s where s.id = q.search_id and s.audience = 'customer')",
        [since, until],
    ).fetchall()
    for lang, product, gap in questions:
        yield direct_question(lang, product, gap)


def _read_needs(database: Database, since: str, until: str) -> dict[int, list[tuple[Search, str]]]:
    """Need -> its searches in the order of time, each with the topic that it has so far. A need is of the day of its first search."""
    _gather_members(database, since, until)
    # In this order: by search_id, and not by reading all that was ever opened.
    ours = "from day_members d cross join {table} t on t.search_id = d.id"
    opened, helpful = defaultdict(list), defaultdict(list)
    for search, article, at in database.execute(f"select t.search_id, t.article, t.opened_at {ours.format(table='opens')} order by t.opened_at").fetchall():
        opened[search].append((article, at))
    for search, article in database.execute(f"select t.search_id, t.article {ours.format(table='votes')} where t.helpful").fetchall():
        helpful[search].append(article)
    asked = {search for (search,) in database.execute(f"select t.search_id {ours.format(table='questions')}").fetchall()}
    needs: dict[int, list[tuple[Search, str]]] = defaultdict(list)
    for need, topic, id, *row in database.execute(
        "select ifnull(s.need, s.id), s.topic, s.id, s.created_at, s.lang, s.product, s.outcome, s.result, s.evidence,"
        " ifnull(json_extract(s.hits, '$[0].article'), ''), g.gap from day_members d cross join searches s on s.id = d.id"
        " left join group_members m on m.source = 'search' and m.source_id = s.id left join groups g on g.id = m.grouped order by s.created_at, s.id"
    ).fetchall():
        needs[need].append((Search(id, *row, opened=tuple(opened[id]), helpful=tuple(helpful[id]), asked=id in asked), topic))
    return needs


def _gather_members(database: Database, since: str, until: str) -> None:
    database.execute("create temp table if not exists day_members (id integer primary key)")
    database.execute("delete from day_members")
    database.execute(
        "insert into day_members select id from searches where created_at >= ? and created_at < ? and audience = 'customer' and (need is null or need = id)",
        [since, until],
    )
    database.execute("insert or ignore into day_members select s.id from day_members d cross join searches s on s.need = d.id where s.audience = 'customer'")


def _count_articles(database: Database, day: str, since: str, until: str) -> None:
    """What customers found, opened and voted on: staff, programs and floods are no readers."""
    database.execute(
        "insert into day_articles (day, article, found, shown_first) select ?, json_extract(h.value, '$.article') as article, count(*), sum(h.key = 0)"
        " from searches s, json_each(s.hits) h where s.created_at >= ? and s.created_at < ? and s.audience = 'customer' group by article",
        [day, since, until],
    )
    ours = "not exists (select 1 from searches s where s.id = search_id and s.audience != 'customer') group by article"
    database.execute(
        "insert into day_articles (day, article, views, glances, timed, seconds) select ?, article, count(*), sum(read_seconds > 0 and read_seconds < ?),"
        " sum(read_seconds >= ?), sum(case when read_seconds >= ? then read_seconds else 0 end)"
        f" from opens where opened_at >= ? and opened_at < ? and {ours} on conflict (day, article) do update set views = excluded.views,"
        " glances = excluded.glances, timed = excluded.timed, seconds = excluded.seconds",
        [day, GLANCE, GLANCE, GLANCE, since, until],
    )
    database.execute(
        "insert into day_articles (day, article, helpful, unhelpful) select ?, article, sum(helpful), sum(not helpful) from votes"
        f" where cast_at >= ? and cast_at < ? and {ours} on conflict (day, article) do update set helpful = excluded.helpful, unhelpful = excluded.unhelpful",
        [day, since, until],
    )
