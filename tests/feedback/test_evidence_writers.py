"""Nothing that was stored is lost: four processes writing at once, and one killed in the middle."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from kb.database import read

ROOT = Path(__file__).parents[2]
WRITER = """
import sys
from pathlib import Path
from feedback.audience import Visit
from feedback.questions import Questions
from feedback.searches import SearchLog
from feedback.votes import Votes
from indexer.hits import Answer, Hit

path, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log, votes, questions = SearchLog(path), Votes(path), Questions(path)
for number in range(rounds):
    session = f"{name}-{number}"
    answer = Answer("refund", "en", (Hit("en/a", "A", "en", 0.9, "…"),), 0.1, "failed", 1.0)
    search = log.record(text=f"question {name} {number}", lang="en", visit=Visit(session), source="portal", answer=answer)
    log.record_open("en/a", session=session, search_id=search)
    votes.cast("en/a", False, session=session, search_id=search)
    questions.ask(text=f"please help {name} {number}", lang="en", session=session, search_id=search)
    print(search, flush=True)
"""
JUDGE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from feedback.evidence import judge_open_searches
from kb.database import write

for _ in range(int(sys.argv[2])):
    with write(Path(sys.argv[1])) as database:
        judge_open_searches(database, represent=lambda vectors, langs: vectors, now=datetime.now(UTC))
"""


def start(code, *arguments):
    return subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def count(path, table):
    with read(path) as database:
        return database.execute(f"select count(*) from {table}").fetchone()[0]


def test_four_writers_and_a_judge_at_once_lose_nothing(database_path):
    writers = [start(WRITER, database_path, name, 40) for name in ("one", "two", "three", "four")]
    judge = start(JUDGE, database_path, 30)
    for process in (*writers, judge):
        assert process.wait(timeout=120) == 0, process.stderr.read()
    assert {table: count(database_path, table) for table in ("searches", "opens", "votes", "questions")} == dict.fromkeys(
        ("searches", "opens", "votes", "questions"), 160
    )
    with read(database_path) as database:
        assert database.execute("select count(*) from votes v join searches s on s.id = v.search_id and s.session = v.session").fetchone()[0] == 160


def test_a_writer_that_is_killed_leaves_whole_rows_and_all_that_it_reported(database_path):
    reported = []
    for round_number in range(6):
        writer = start(WRITER, database_path, f"round {round_number}", 10_000)
        until = time.monotonic() + 30
        lines = [writer.stdout.readline()]
        while time.monotonic() < until and len(lines) < 5 + 7 * round_number:
            lines.append(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        rest, _ = writer.communicate()
        reported += [int(line) for line in [*lines, *rest.splitlines()] if line.strip()]
    with read(database_path) as database:
        assert database.execute("pragma integrity_check").fetchone()[0] == "ok"
        stored = {row[0] for row in database.execute("select id from searches").fetchall()}
        assert set(reported) <= stored
        orphans = database.execute("select count(*) from votes where search_id not in (select id from searches)").fetchone()[0]
        asked = {row[0] for row in database.execute("select search_id from questions").fetchall()}
    assert orphans == 0 and set(reported) <= asked
