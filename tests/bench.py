"""Prints how fast kb is on this machine: `make bench`. Everything is measured in one run, on a copy of the index."""

from __future__ import annotations

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench_figures import print_figures
from bench_load import print_load
from bench_replay import print_replay

ROOT = Path(__file__).parents[1]
QUESTIONS = (
    "how long until someone answers my ticket", "can I take my vote back", "search finds nothing", "install on a new machine",
    "database is locked", "what happens to my personal data", "change the language of the page", "article does not show up",
    "点错了能撤回吗", "多久有人回复", "怎么安装", "搜不到我要的文章", "数据库被锁", "怎么备份", "换成英文界面", "图片不显示",
)  # fmt: skip


def measure(action: Callable[[], object], *, times: int) -> list[float]:
    """Milliseconds of each run."""
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def describe(name: str, taken: list[float]) -> str:
    ordered = sorted(taken)
    return f"{name:<44} median {statistics.median(ordered):8.1f} ms   95 % {ordered[math.ceil(len(ordered) * 0.95) - 1]:8.1f} ms"


def run_command(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "portal.command", *arguments], cwd=ROOT, check=True, capture_output=True)


def print_gaps(knowledge) -> None:
    """Group 10,000 rows of evidence at once, then one more, on vectors around 400 meanings in a database of their own."""
    import numpy as np

    from feedback.audience import Visit
    from feedback.gap_list import GapFilter
    from feedback.keeper import GapKeeper
    from feedback.searches import SearchLog
    from indexer.background import embed_background
    from indexer.embeddings import token_codec
    from indexer.hits import Answer
    from indexer.store import read_state, write_background, write_state
    from kb.accounts import Account
    from kb.database import migrate, read, write
    from portal.desk import Desk

    with read(knowledge.settings.database) as database:
        model = read_state(database)["model"]
    embedder = knowledge._embedder
    background = embed_background(embedder, token_codec(embedder.name, embedder.dimension))
    settings = replace(knowledge.settings, data=knowledge.settings.data / "evidence")
    migrate(settings.database)
    with write(settings.database) as database:
        write_background(database, background)
        write_state(database, model=model, generation=1)
    moment = datetime.now(UTC)
    log = SearchLog(settings.database, now=lambda: moment - timedelta(hours=2))
    generator = np.random.default_rng(1)
    meanings = generator.normal(size=(400, 384))

    def fail(number: int) -> None:
        vector = background.token_means["en"] + 0.25 * (meanings[number % 400] + 0.9 * generator.normal(size=384)) / 384**0.5
        text = f"question {number % 5000} of meaning {number % 400}"
        log.record(
            text=text, lang="en", visit=Visit(f"visit {number}"), source="portal", answer=Answer(text, "en", (), 0.1, "failed", 1.0), model=model,
            vector=(vector / np.linalg.norm(vector)).astype(np.float32),
        )  # fmt: skip

    written = measure(lambda: [fail(number) for number in range(10_000)], times=1)
    keeper = GapKeeper(settings.database, knowledge._embedder, None, now=lambda: moment)
    print(f"{'10,000 failed searches recorded':<44} {written[0] / 1000:.1f} s")
    print(f"{'10,000 rows of evidence judged and grouped':<44} {measure(lambda: keeper.update(classify=False), times=1)[0] / 1000:.1f} s")
    joins = []
    for number in range(77_778, 77_788):
        fail(number)
        joins += measure(lambda: keeper.update(classify=False), times=1)
    print(describe("one new search judged and grouped", joins))
    desk = Desk(Account("bench", "agent"), settings, keeper.update, keeper, None, replayer=None, synonyms=None, saver=None)
    print(describe("the ranked list read", measure(lambda: desk.gaps(GapFilter()), times=3)))


def main() -> None:
    from feedback.audience import Visit
    from kb.readers import Scope
    from kb.settings import read_settings
    from portal.knowledge import open_knowledge_base

    print(describe("kb --help", measure(lambda: run_command("--help"), times=5)))
    with tempfile.TemporaryDirectory() as data:
        settings = read_settings(articles=ROOT / "articles", data=data)
        os.environ["KB_DATA"] = data
        knowledge = open_knowledge_base(settings)
        report = knowledge.index()
        rate = report.embedded / report.seconds
        told = f"{report.articles} articles, {report.embedded} texts in {report.seconds:.1f} s ({rate:.0f} a second)"
        print(f"{'kb index, from nothing':<44} {told}")
        print(describe("kb index, nothing changed", measure(lambda: run_command("index"), times=3)))
        print(describe("kb search, a process of its own", measure(lambda: run_command("search", QUESTIONS[0]), times=3)))
        questions = list(QUESTIONS) * 4
        for question in QUESTIONS[:3]:
            knowledge.search(question, scope=Scope(), prefer=None, limit=10)
        searched = [measure(lambda q=q: knowledge.search(q, scope=Scope(), prefer=None, limit=10), times=1)[0] for q in questions]
        print(describe("one search, kb open", searched))
        numbers = iter(range(10_000))

        def search_and_record(question: str) -> None:
            knowledge.search(question, scope=Scope(), prefer=None, limit=10, visit=Visit(f"bench-{next(numbers)}"))

        recorded = [measure(lambda q=q: search_and_record(q), times=1)[0] for q in questions]
        print(describe("one search, recorded", recorded))
        print_gaps(knowledge)
        print_replay(knowledge)
        print_figures(knowledge)
        print_load(knowledge)


if __name__ == "__main__":
    main()
