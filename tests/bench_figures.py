"""Figures on 1,000,000 recorded searches of half a year: how long counting takes, and how long a lead waits for each page. Part of `make bench`.

The rows are written as the services would have written them, with the triggers of the database at work; nothing that is counted from them is.
"""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

SEARCHES, DAYS, GAPS, TEXTS = 1_000_000, 180, 200, 20_000
CHUNK = 50_000
PAGES = ("coverage", "targets", "trends", "performance", "report", "gaps")
OPENED = 3


def print_figures(knowledge) -> None:
    """Record, count, count again after one more search, and open every page in a browser."""
    from portal.knowledge import open_knowledge_base

    settings = replace(knowledge.settings, data=knowledge.settings.data / "recorded")
    settings.data.mkdir()
    with closing(sqlite3.connect(knowledge.settings.database)) as source, closing(sqlite3.connect(settings.database)) as target:
        source.backup(target)
    seconds = _timed(lambda: record(settings.database))
    print(f"{'1,000,000 searches recorded':<44} {seconds:.0f} s  ({settings.database.stat().st_size / 1e6:.0f} MB)")
    filled = open_knowledge_base(settings)
    print(f"{'all days counted, once':<44} {_timed(filled.count_days):.1f} s  ({DAYS} days)")
    _record_one(filled)
    print(f"{'counted again after one more search':<44} {_timed(filled.count_days) * 1000:.0f} ms")
    _print_pages(settings)


def record(database: Path) -> None:
    """Write the searches, and what followed them."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("pragma synchronous = off")
        articles = [id for (id,) in connection.execute("select id from articles where id not like '%/index' order by id")]
        _write_gaps(connection)
        chance = random.Random(1)
        rows = _searches(articles, chance)
        for _ in range(0, SEARCHES, CHUNK):
            chunk = [next(rows) for _ in range(CHUNK)]
            connection.execute("begin")
            connection.executemany(
                "insert into searches (id, session, text, lang, source, hits, confidence, outcome, took_ms, created_at, updated_at, audience, address, vector_key,"
                " need, result, evidence, settled_at) values (?, ?, ?, ?, 'portal', ?, ?, ?, 30, ?, ?, 'customer', ?, ?, ?, ?, ?, ?)",
                [row["search"] for row in chunk],
            )
            for table, columns in (
                ("opens", "article, session, search_id, opened_at, read_seconds"), ("votes", "article, session, search_id, helpful, cast_at"),
                ("group_members", "source, source_id, grouped, joined_at"),
                ("questions", "reference, session, lang, text, search_id, state, created_at, acknowledged_at, answered_at, closed_at, vector_key"),
            ):  # fmt: skip
                held = [row[table] for row in chunk if table in row]
                connection.executemany(f"insert into {table} ({columns}) values ({', '.join('?' * (columns.count(',') + 1))})", held)
            connection.execute("commit")
        connection.execute("update groups set size = (select count(*) from group_members where grouped = groups.id)")


def _write_gaps(connection: sqlite3.Connection) -> None:
    generator, at = np.random.default_rng(1), datetime.now(UTC).isoformat(timespec="milliseconds")
    for gap in range(1, GAPS + 1):
        state = ("open", "assigned", "closed")[gap % 3]
        connection.execute(
            "insert into gaps (id, title_en, title_zh, kind, state, owner, created_at, updated_at, closed_at, judged_generation, judged_size) values"
            " (?, ?, ?, 'missing', ?, ?, ?, ?, ?, 'bench', 1000000000)",
            [gap, f"missing thing {gap}", f"缺少的东西 {gap}", state, "" if state == "open" else "Ada", at, at, at if state == "closed" else None],
        )
        vector = generator.normal(size=384).astype(np.float32)
        connection.execute("insert into groups (id, gap, centroid, size) values (?, ?, ?, 0)", [gap, gap, (vector / np.linalg.norm(vector)).tobytes()])


def _searches(articles: list[str], chance: random.Random) -> Iterator[dict]:
    """One search after the other: seven in ten are answered, one in ten is evidence of a gap, popularity as Zipf says."""
    weights = [1 / (place + 5) for place in range(len(articles))]
    popular = chance.choices(range(len(articles)), weights, k=SEARCHES)
    lost = chance.choices(range(1, GAPS + 1), [1 / (place + 5) for place in range(GAPS)], k=SEARCHES)
    begin = datetime.now(UTC) - timedelta(days=DAYS)
    for number in range(SEARCHES):
        at = begin + timedelta(days=DAYS) * (number / SEARCHES) - timedelta(minutes=30)
        moment, session = at.isoformat(timespec="milliseconds"), f"{number // 4 * 2654435761 % 2**32:08x}"
        article, lang = articles[popular[number]], ("en", "zh")[number % 2]
        fate = chance.random()
        outcome = "answered" if fate < 0.7 else "weak" if fate < 0.85 else "failed"
        evidence = "failed" if fate >= 0.9 else ""
        helped = fate < 0.4
        confirmed = fate < 0.04
        asked = fate >= 0.99
        result = "confirmed" if confirmed else "implicit" if helped else "unresolved" if asked else "unknown"
        text = f"missing thing {lost[number]}" if evidence else f"question {popular[number] * 7919 % TEXTS} about {article}"
        hits = json.dumps([{"article": articles[(popular[number] + place) % len(articles)], "score": 0.5} for place in range(10)])
        row = {"search": (number + 1, session, text, lang, hits, 0.7, outcome, moment, moment, session, f"k{hash(text) % 2**60}", number + 1, result, evidence, moment)}
        later = (at + timedelta(seconds=40)).isoformat(timespec="milliseconds")
        if helped:
            row["opens"] = (article, session, number + 1, later, chance.choice((2, 30, 60)))
        if confirmed:
            row["votes"] = (article, session, number + 1, 1, later)
        if evidence:
            row["group_members"] = ("search", number + 1, lost[number], later)
        if asked:
            row["questions"] = (f"B{number:09}", session, lang, text, number + 1, "closed", later, later, later, later, f"k{hash(text) % 2**60}")
        yield row


def _record_one(knowledge) -> None:
    from feedback.audience import Visit

    knowledge.search("how do I back up everything", visit=Visit("one more"))


def _print_pages(settings) -> None:
    """Seconds from asking for a page until it is whole, signed in as a lead: the first time, and the median of the next."""
    import os
    import socket
    import subprocess
    import sys

    from playwright.sync_api import sync_playwright

    from kb.accounts import Accounts

    accounts = Accounts(settings.database)
    accounts.add("Lead", "lead", "a long password for the bench")
    token = accounts.sign_in("Lead", "a long password for the bench", address="127.0.0.1")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **{f"KB_{name.upper()}": str(value) for name, value in vars(replace(settings, port=port)).items()}}
    served = subprocess.Popen([sys.executable, "-m", "portal.server"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"])
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "kb_staff", "value": token, "url": url}])
            _wait_for(context, url)
            for name in PAGES:
                taken = [_open(context, f"{url}/{name}") for _ in range(1 + OPENED)]
                print(f"{f'/{name} on 1,000,000 searches':<44} first {taken[0]:.2f} s   then {statistics.median(taken[1:]):.2f} s")
            browser.close()
    finally:
        served.terminate()
        served.wait(timeout=60)


def _wait_for(context, url: str) -> None:
    until = time.monotonic() + 180
    while time.monotonic() < until:
        try:
            if context.request.get(f"{url}/readyz").status == 200:
                return
        except Exception as fault:
            time.sleep(0.5 if fault else 0)
        time.sleep(0.5)
    raise TimeoutError(f"{url} is not ready after 180 s")


def _open(context, address: str) -> float:
    page = context.new_page()
    started = time.perf_counter()
    page.goto(address)
    page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]').wait_for(timeout=120_000)
    page.locator(".kb-footer").wait_for(timeout=120_000)
    seconds = time.perf_counter() - started
    page.close()
    return seconds


def _timed(action) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started
