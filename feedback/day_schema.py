"""The tables of what is counted by day, and the triggers that say which hours have to be counted anew."""

from __future__ import annotations

from sqlite_utils import Database

from kb.database import migration

# Not "or ignore": within a trigger the outer statement's own way with conflicts is taken instead.
_MARK = "insert into stale_hours (hour) select distinct hour from ({hours}) where hour not in (select hour from stale_hours)"
_ROOT_OF = "select substr(r.created_at, 1, 13) as hour from searches s join searches r on r.id = ifnull(s.need, s.id) where s.id = {search}"
_ITEM_OF = (
    "select substr(created_at, 1, 13) as hour from searches where {row}.source = 'search' and id = (select ifnull(need, id) from searches"
    " where id = {row}.source_id) union all select substr(created_at, 1, 13) from questions where {row}.source = 'question' and id = {row}.source_id"
)


@migration("feedback_0006_days")
def _count_by_day(database: Database) -> None:
    # Days are calendar days of the company's time zone. topic: 'a:<article>', 'g:<gap>' or '', as it was found; see feedback/topics.py.
    # A request is one need, on the day of its first search, or a question that no search led to (outcome 'question').
    database.execute(
        "create table day_requests (day text not null, lang text not null, product text not null, topic text not null, outcome text not null,"
        " result text not null, answered integer not null, opened integer not null, asked integer not null, requests integer not null,"
        " searches integer not null, primary key (day, lang, product, topic, outcome, result, answered, opened, asked)) without rowid"
    )
    # Seconds from a request's first search to opening the article that helped.
    database.execute(
        "create table day_waits (day text not null, lang text not null, product text not null, result text not null, seconds integer not null,"
        " requests integer not null, primary key (day, lang, product, result, seconds)) without rowid"
    )
    # found: searches that showed it among the first ten; shown_first; views: opened; glances: left within five seconds; timed: read for
    # longer, and `seconds` in all.
    database.execute(
        "create table day_articles (day text not null, article text not null, found integer not null default 0, shown_first integer not null default 0,"
        " views integer not null default 0, glances integer not null default 0, timed integer not null default 0, seconds real not null default 0, helpful integer not null default 0,"
        " unhelpful integer not null default 0, primary key (day, article)) without rowid"
    )
    database.execute(
        "create table day_excluded (day text not null, audience text not null, searches integer not null, primary key (day, audience)) without rowid"
    )
    # What customers call what an article answers; chosen anew when the topic has grown.
    database.execute(
        "create table topics (key text primary key, name_en text not null, name_zh text not null, requests integer not null, named_at text not null) without rowid"
    )
    database.execute("alter table searches add column topic text not null default ''")
    database.execute("create index searches_topic on searches(topic, created_at)")
    for table, columns in (("questions", ["search_id"]), ("questions", ["created_at"]), ("votes", ["cast_at"])):
        database[table].create_index(columns)
    database.execute("create table stale_hours (hour text primary key) without rowid")
    _create_triggers(database)
    _take_over(database)


def _create_triggers(database: Database) -> None:
    def on(name: str, event: str, *hours: str) -> None:
        database.execute(f"create trigger {name} after {event} begin {_MARK.format(hours=' union all '.join(hours))}; end")

    def hour(row: str, column: str) -> str:
        return f"select substr({row}.{column}, 1, 13) as hour"

    def root(search: str) -> str:
        return _ROOT_OF.format(search=search)

    judged = "need, result, evidence, outcome, audience, hits, lang, product"
    need_before = "select substr(created_at, 1, 13) as hour from searches where id = old.need"
    on("searches_counted", "insert on searches", hour("new", "created_at"))
    on("searches_recounted", f"update of {judged} on searches", hour("new", "created_at"), root("old.id"), need_before)
    on("searches_uncounted", "delete on searches", hour("old", "created_at"))
    for table, column in (("opens", "opened_at"), ("votes", "cast_at")):
        on(f"{table}_counted", f"insert on {table}", hour("new", column), root("new.search_id"))
        on(f"{table}_recounted", f"update on {table}", hour("old", column), hour("new", column), root("new.search_id"))
        on(f"{table}_uncounted", f"delete on {table}", hour("old", column), root("old.search_id"))
    on("questions_counted", "insert on questions", hour("new", "created_at"), root("new.search_id"))
    on("questions_recounted", "update of audience, search_id, product on questions", hour("new", "created_at"), root("new.search_id"))
    on("questions_uncounted", "delete on questions", hour("old", "created_at"), root("old.search_id"))
    on("members_counted", "insert on group_members", _ITEM_OF.format(row="new"))
    on("members_recounted", "update of grouped on group_members", _ITEM_OF.format(row="new"))
    on("members_uncounted", "delete on group_members", _ITEM_OF.format(row="old"))
    on(
        "groups_recounted", "update of gap on groups",
        "select substr(r.created_at, 1, 13) as hour from group_members m join searches s on s.id = m.source_id join searches r on r.id = ifnull(s.need, s.id)"
        " where m.grouped = new.id and m.source = 'search'",
        "select substr(q.created_at, 1, 13) from group_members m join questions q on q.id = m.source_id where m.grouped = new.id and m.source = 'question'",
    )  # fmt: skip


def _take_over(database: Database) -> None:
    """Days whose texts have expired keep their totals; all others are counted from what is there."""
    database.execute(
        "insert into day_requests select day, lang, '', '', outcome, result, outcome = 'answered' and result != 'unresolved',"
        " result in ('confirmed', 'implicit'), 0, sum(needs), sum(searches) from daily_totals where audience = 'customer' group by day, lang, outcome, result"
    )
    database.execute("insert into day_excluded select day, audience, sum(searches) from daily_totals where audience != 'customer' group by day, audience")
    database.execute("insert or ignore into feedback_state select 'counted_until', max(day) from daily_totals where day is not null having max(day) is not null")
    database.execute("drop table daily_totals")
    for table, column in (("searches", "created_at"), ("opens", "opened_at"), ("votes", "cast_at"), ("questions", "created_at")):
        database.execute(f"insert or ignore into stale_hours select distinct substr({column}, 1, 13) from {table}")
