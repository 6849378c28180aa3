"""Replay on a base of the size of 10,000 articles: this product's own index, taken fifty times. Part of `make bench`."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
COPIES = 50
OWN, SEARCHES = 20, 520
GAP_TEXTS = tuple(f"how do I stamp ballot number {number} for the vote" for number in range(OWN))


def print_replay(knowledge) -> None:
    """Replay one draft with 500 stored searches: for the first time, and once more after a change, when the live index's part is known."""
    from kb.accounts import Account
    from portal.knowledge import open_knowledge_base

    settings = replace(knowledge.settings, data=knowledge.settings.data / "large")
    settings.data.mkdir()
    with closing(sqlite3.connect(knowledge.settings.database)) as source, closing(sqlite3.connect(settings.database)) as target:
        source.backup(target)
    articles, passages = multiply(settings.database)
    _search(open_knowledge_base(settings, now=lambda: datetime.now(UTC) - timedelta(hours=3)))
    now = open_knowledge_base(settings)
    now.warm_up()
    now.update_gaps(classify=False)
    gaps = now.desk(Account("bench", "agent")).gaps()
    draft = (ROOT / "articles" / "en" / "customers" / "vote.md").read_text("utf-8")
    seconds = []
    for text in (draft, draft + "\n\nOne more sentence about ballots.\n"):
        started = time.perf_counter()
        report = now.replay(text, "en/customers/ballot", gap=gaps[0].id)
        seconds.append(time.perf_counter() - started)
    told = f"{articles} articles, {passages} passages, {len(report.own)} own and {len(report.working)} working searches"
    print(f"{'one draft replayed, first time':<44} {seconds[0]:.1f} s  ({told})")
    print(f"{'one draft replayed again, changed':<44} {seconds[1]:.1f} s")


def multiply(database: Path) -> tuple[int, int]:
    """Copy every article of the index under other ids, with its passages, words and vectors; how many articles and passages there are then."""
    from indexer.checksums import seal_all
    from kb.database import write

    with closing(sqlite3.connect(database)) as connection:
        for table in ("articles", "passages", "vectors"):
            connection.execute(f"create temp table own_{table} as select * from {table}")
        connection.execute("create temp table own_terms as select rowid as id, title, headings, body, aliases from terms")
        columns = _columns(connection, "articles", "id")
        fields = _columns(connection, "passages", "id", "article")
        (most,) = connection.execute("select max(id) from passages").fetchone()
        for copy in range(1, COPIES):
            shift, suffix = copy * most, f"-c{copy}"
            connection.execute(f"insert into articles (id, {columns}) select id || ?, {columns} from own_articles", [suffix])
            connection.execute(f"insert into passages (id, article, {fields}) select id + ?, article || ?, {fields} from own_passages", [shift, suffix])
            connection.execute("insert into terms (rowid, title, headings, body, aliases) select id + ?, title, headings, body, aliases from own_terms", [shift])
            connection.execute(
                "insert into vectors (article, passage, kind, embedding) select article || ?, passage + ?, kind, embedding from own_vectors", [suffix, shift]
            )
        connection.execute("update articles set translations = '[]'")
        connection.commit()
        counts = tuple(connection.execute(f"select count(*) from {table}").fetchone()[0] for table in ("articles", "passages"))
    with write(database) as written:
        # Else the copies would be taken for damage.
        seal_all(written)
    return counts


def _columns(connection: sqlite3.Connection, table: str, *without: str) -> str:
    return ", ".join(name for _, name, *_ in connection.execute(f"pragma table_info({table})") if name not in without)


def _search(knowledge) -> None:
    """Customers of the past: some ask for what is missing and then the team, the others search headings and find them helpful."""
    from feedback.audience import Visit

    with closing(sqlite3.connect(knowledge.settings.database)) as connection:
        headings = [json.loads(row)[-1] for (row,) in connection.execute("select headings from passages where headings != '[]' order by id")]
    for number, text in enumerate([*GAP_TEXTS, *list(dict.fromkeys(headings))[: SEARCHES - OWN]]):
        visit = Visit(f"visit {number}", f"10.0.{number // 250}.{number % 250}")
        answer = knowledge.search(text, visit=visit)
        if number < OWN:
            knowledge.ask_team(text, visit=visit, search_id=answer.search_id)
        elif answer.hits:
            knowledge.record_open(answer.hits[0].article, session=visit.session, search_id=answer.search_id)
            knowledge.vote(answer.hits[0].article, True, session=visit.session, search_id=answer.search_id)
