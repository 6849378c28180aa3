"""The tables of what happened: searches, opened articles, votes, questions, and the gaps they add up to."""

from __future__ import annotations

import secrets

from sqlite_utils import Database

from kb.database import migration


@migration("feedback_0001_searches_opens_votes")
def _create(database: Database) -> None:
    # Articles are named, not referenced: what was searched and opened stays true after an article is gone.
    database.execute(
        "create table searches (id integer primary key autoincrement, session text not null, text text not null, lang text not null,"
        " source text not null, hits text not null, confidence real not null, outcome text not null, took_ms real not null,"
        " keystrokes integer not null default 1, created_at text not null, updated_at text not null)"
    )
    database["searches"].create_index(["session", "updated_at"])
    database["searches"].create_index(["created_at"])
    # No foreign key on purpose: searches are deleted when they are old, and an open or a vote then keeps its number, which
    # autoincrement never gives away again. Setting it to null would make two votes from two searches one and the same.
    database.execute(
        "create table opens (id integer primary key, article text not null, session text not null,"
        " search_id integer, opened_at text not null)"
    )
    # SQLite holds null values apart in a unique index, so an open without a search counts as search 0.
    database.execute("create unique index opens_once on opens(session, article, ifnull(search_id, 0))")
    database["opens"].create_index(["opened_at", "article"])
    database["opens"].create_index(["search_id"])
    database.execute(
        "create table votes (id integer primary key, article text not null, session text not null,"
        " search_id integer, helpful integer not null check (helpful in (0, 1)),"
        " cast_at text not null)"
    )
    database.execute("create unique index votes_once on votes(session, article, ifnull(search_id, 0))")
    database["votes"].create_index(["article"])
    database["votes"].create_index(["search_id"])
    database.execute("create table feedback_keys (name text primary key, value blob not null)")
    database.execute("insert into feedback_keys values ('session', ?)", [secrets.token_bytes(32)])


@migration("feedback_0002_evidence")
def _add_evidence(database: Database) -> None:
    for column in (
        # Who searched: 'customer'; 'staff', 'bot' and 'flood' are kept out of evidence.
        "audience text not null default 'customer'",
        # Pseudonym of the network address, made with a key that changes every day.
        "address text not null default ''",
        # How often this visit ran the same text within a day.
        "repeats integer not null default 1",
        # Filters that narrowed the search, and the product it was asked about.
        "product text not null default ''", "scope text not null default '{}'",
        # Key of the text's vector in query_vectors.
        "vector_key text not null default ''",
        # The first search of the same need: a search, and the same question put in other words.
        "need integer",
        # What it came to, judged anew until settled_at is set: see feedback/outcomes.py.
        "result text not null default 'unknown'", "evidence text not null default ''", "settled_at text",
    ):  # fmt: skip
        database.execute(f"alter table searches add column {column}")
    database.execute("create index searches_unsettled on searches(session) where settled_at is null")
    database.execute("create index searches_need on searches(need)")
    database.execute("create index searches_address on searches(address, created_at)")
    database.execute("create index searches_evidence on searches(evidence) where evidence != ''")
    database.execute("alter table opens add column read_seconds real not null default 0")
    database.execute("alter table votes add column reason text not null default ''")
    database.execute("alter table votes add column comment text not null default ''")
    # float16, unit length; kept for searches that are evidence, dropped with the last of them.
    database.execute("create table query_vectors (key text primary key, vector blob not null)")


@migration("feedback_0003_questions_gaps")
def _add_gaps(database: Database) -> None:
    database.execute(
        "create table questions (id integer primary key autoincrement, reference text not null unique, session text not null,"
        " address text not null default '', audience text not null default 'customer', lang text not null, text text not null,"
        " contact text not null default '', consent integer not null default 0, article text not null default '', search_id integer,"
        " product text not null default '', state text not null default 'open', agent text not null default '', reply text not null default '',"
        " draft text not null default '', vector_key text not null default '', created_at text not null, acknowledged_at text,"
        " answered_at text, closed_at text)"
    )
    database["questions"].create_index(["state", "created_at"])
    database["questions"].create_index(["session"])
    database.execute(
        "create table gaps (id integer primary key autoincrement, title_en text not null default '', title_zh text not null default '',"
        " titled_by text not null default '', kind text not null default 'missing', reason text not null default '{}',"
        " kind_by text not null default '', state text not null default 'open', owner text not null default '', due text not null default '',"
        " product text not null default '', resolution text not null default '', merged_into integer references gaps(id),"
        " judged_generation text not null default '', judged_size integer not null default 0, created_at text not null,"
        " updated_at text not null, closed_at text)"
    )
    database["gaps"].create_index(["state"])
    # A group is what the machine sees as one meaning; a gap is what people decide about, and holds one group or more.
    database.execute(
        "create table groups (id integer primary key autoincrement, gap integer references gaps(id), fixed integer not null default 0,"
        " centroid blob not null, size integer not null)"
    )
    database["groups"].create_index(["gap"])
    database.execute(
        "create table group_members (source text not null check (source in ('search', 'question')), source_id integer not null,"
        " grouped integer not null references groups(id), placed_by text not null default '', joined_at text not null,"
        " primary key (source, source_id)) without rowid"
    )
    database["group_members"].create_index(["grouped"])
    # Who did what to which gap, question or setting; rows are only ever added.
    database.execute(
        "create table history (id integer primary key autoincrement, subject text not null, subject_id text not null, action text not null,"
        " detail text not null default '', account text not null default '', done_at text not null)"
    )
    database["history"].create_index(["subject", "subject_id"])
    database.execute("create table feedback_state (name text primary key, value text not null)")
    database.execute("create table assumptions (name text primary key, value text not null, set_by text not null, set_at text not null)")
    # What stays when texts have expired.
    database.execute(
        "create table daily_totals (day text not null, lang text not null, source text not null, audience text not null, outcome text not null,"
        " result text not null, searches integer not null, needs integer not null, people integer not null,"
        " primary key (day, lang, source, audience, outcome, result)) without rowid"
    )
    database.execute(
        "create table gap_totals (gap integer not null, week text not null, person_days integer not null, searches integer not null,"
        " questions integer not null, primary key (gap, week)) without rowid"
    )


@migration("feedback_0004_words")
def _find_by_words(database: Database) -> None:
    # Who asked in the same words is looked up for every gap and every new search.
    database["searches"].create_index(["vector_key"])
    database["questions"].create_index(["vector_key"])


@migration("feedback_0005_proofs")
def _add_proofs(database: Database) -> None:
    # What a replay showed when an article was published, by whom, and why it was published all the same if it advised against it.
    # 'pending' until the index has the article; then 'held' or 'failed', as the live searches say.
    database.execute(
        "create table proofs (id integer primary key autoincrement, article text not null, gap integer references gaps(id), account text not null,"
        " at text not null, verdict text not null, closes real not null, confidence real not null, own integer not null, working integer not null,"
        " harmed integer not null, reason text not null default '', content_hash text not null, state text not null default 'pending', settled_at text)"
    )
    database["proofs"].create_index(["gap"])
    database["proofs"].create_index(["article"])
    # The standing test: texts that have to find their article for as long as the gap is closed.
    database.execute(
        "create table standing_searches (id integer primary key autoincrement, gap integer not null references gaps(id), article text not null,"
        " text text not null, lang text not null, scope text not null, people integer not null, vector_key text not null, unique (gap, vector_key, scope))"
    )
    # A customer who left a contact with consent is told when an article answers: which, when and by whom.
    for column in ("told_article text not null default ''", "told_at text", "told_by text not null default ''"):
        database.execute(f"alter table questions add column {column}")
