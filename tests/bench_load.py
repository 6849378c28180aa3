"""What 200 people at once see: each opens the portal, searches three times, opens an article and votes, one in ten asks the team; then all search in
the same moment.

Part of `make bench`; alone and smaller: `python tests/bench_load.py 50`. The portal runs in a process of its own; all sessions stay open until the
last one is done.
"""

from __future__ import annotations

import asyncio
import math
import os
import random
import re
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bench_readers import SENTENCES, Seen, open_page

ROOT = Path(__file__).parents[1]
SESSIONS, SEARCHES, PAUSE = 200, 3, (1.5, 4.5)
OPENING, ASKS = 5.0, 10
"""Seconds within which everybody comes; one in how many asks the team."""
NAMES = {
    "/": "the portal opened", "search": "searched, with pauses", "/article": "an article opened", "vote": "voted", "ask": "asked the team",
    "burst": "searched, all at once",
}  # fmt: skip
THANKS, TAKEN = SENTENCES["vote_thanks_yes"], SENTENCES["asked_reference"]
ARTICLE = re.compile(r'href="/article\?([^"#]+)')


class Meeting:
    """Everybody waits here until all have come who have not gone home."""

    def __init__(self, people: int) -> None:
        self._people, self._waiting, self._gate = people, 0, asyncio.Event()

    async def wait(self) -> None:
        self._waiting += 1
        gate = self._gate
        self._open_when_all_came()
        await gate.wait()

    def go_home(self) -> None:
        self._people -= 1
        self._open_when_all_came()

    def _open_when_all_came(self) -> None:
        if self._waiting >= self._people:
            self._gate.set()
            self._waiting, self._gate = 0, asyncio.Event()


async def visit(url: str, number: int, *, texts: list[str], seen: Seen, all_here: Meeting, chance: random.Random) -> None:
    """One person's visit."""
    await asyncio.sleep(chance.uniform(0, OPENING))
    address = f"10.0.{number // 250}.{number % 250 + 1}"
    async with open_page(url, address, path="/", seen=seen) as (home, cookie):
        await all_here.wait()
        found = []
        for text in texts[:SEARCHES]:
            await asyncio.sleep(chance.uniform(*PAUSE))
            await home.search("search", text)
            found += ARTICLE.findall(home.html)
        query = chance.choice(found or ["id=en/customers/vote"]).replace("&amp;", "&")
        async with open_page(url, address, path="/article", seen=seen, cookie=cookie, query=query) as (article, _):
            await asyncio.sleep(chance.uniform(*PAUSE))
            await article.run("vote", query=query, widgets={"vote_yes": True})
            seen.votes += THANKS in article.html
            if number % ASKS == 0:
                async with open_page(url, address, path="/ask", seen=seen, cookie=cookie) as (form, _):
                    await form.run("ask", widgets={"ask_text": f"{texts[0]}?", SENTENCES["ask_send"]: True})
                    seen.questions += TAKEN in form.html
            await all_here.wait()
            # Everybody at once: more than any machine answers in a moment.
            await home.search("burst", texts[SEARCHES])
            await all_here.wait()


async def read_together(url: str, sessions: int, *, titles: list[str]) -> tuple[Seen, float, float]:
    """What the sessions saw, how many seconds they were there, and seconds from the end of the burst until a page opened anew has a full answer."""
    seen, chance, all_here = Seen(), random.Random(1), Meeting(sessions)
    asked = [f"{chance.choice(titles)} {chance.choice(titles)}"[:150] + f" {number}" for number in range(sessions * (SEARCHES + 1) + 50)]

    async def one(number: int) -> None:
        try:
            await visit(url, number, texts=asked[number :: sessions + 1], seen=seen, all_here=all_here, chance=random.Random(number))
        except Exception as fault:  # every one counts, and none may end the others
            seen.faults.append(f"{type(fault).__name__}: {fault}")
            all_here.go_home()

    # The shells of all pages are read at once, as from as many machines.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(sessions))
    started = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(sessions)))
    quiet = time.perf_counter()
    async with open_page(url, "10.1.0.1", path="/", seen=Seen()) as (home, _):
        for text in asked[-40:]:
            if await home.search("search", text) == "full":
                break
        return seen, quiet - started, time.perf_counter() - quiet


@contextmanager
def served(settings):
    """A portal in its own process, ready; yields its address and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, **{f"KB_{name.upper()}": str(value) for name, value in vars(replace(settings, port=port, proxies=1)).items()}}
    process = subprocess.Popen([sys.executable, "-m", "portal.server"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10):
                break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def memory(pid: int, *, most: bool = False) -> float:
    """Resident megabytes, now or the most so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{'VmHWM' if most else 'VmRSS'}:\s+(\d+)", status)[1]) / 1024


def processor_seconds(pid: int | None = None) -> float:
    """Seconds that the processors have worked for this process, or for all."""
    if pid is None:
        user, nice, system = Path("/proc/stat").read_text().split()[1:4]
        ticks = int(user) + int(nice) + int(system)
    else:
        ticks = sum(map(int, Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def count_stored(database: Path) -> dict[str, int]:
    """Rows of votes and of questions."""
    with closing(sqlite3.connect(database)) as connection:
        return {table: connection.execute(f"select count(*) from {table}").fetchone()[0] for table in ("votes", "questions")}


def print_load(knowledge, *, sessions: int = SESSIONS) -> None:
    """Serve the base's articles to so many sessions and print what they saw."""
    with closing(sqlite3.connect(knowledge.settings.database)) as database:
        titles = [title for (title,) in database.execute("select title from articles order by id")]
    before = count_stored(knowledge.settings.database)
    with served(knowledge.settings) as (url, pid):
        calm, worked, in_all, own = memory(pid), processor_seconds(pid), processor_seconds(), time.process_time()
        seen, lasted, again = asyncio.run(read_together(url, sessions, titles=titles))
        most, after = memory(pid, most=True), memory(pid)
        worked, own = processor_seconds(pid) - worked, time.process_time() - own
        others = processor_seconds() - in_all - worked - own
    print_waits(seen, sessions)
    stored = count_stored(knowledge.settings.database)
    for table, taken in (("votes", seen.votes), ("questions", seen.questions)):
        print(f"{f'lost {table}':<44} {taken - (stored[table] - before[table])} of {taken} that the page said were taken")
    print(f"{'error pages and broken connections':<44} {len(seen.faults)}{'  ' + '; '.join(sorted(set(seen.faults))[:3]) if seen.faults else ''}")
    print(f"{'until a search is full again after the burst':<44} {again * 1000:.0f} ms")
    print(f"{'memory of the portal':<44} {calm:.0f} MB before, {most:.0f} MB at most, {after:.0f} MB after")
    shares = ", ".join(f"{name} {seconds / lasted:.2f}" for name, seconds in (("the portal", worked), ("these sessions", own), ("all else", others)))
    print(f"{f'processors at work, of {os.cpu_count()}':<44} {shares}; {lasted:.0f} s in all")


def print_waits(seen: Seen, sessions: int) -> None:
    """How long each kind of run took, and how searches were answered."""
    for kind, name in NAMES.items():
        taken = sorted(seen.taken[kind]) or [math.nan]
        told = [f"{seen.answers[kind].count(answer)} {words}" for answer, words in (("full", "in full"), ("degraded", "by words"), ("busy", "told to try again"))]
        print(
            f"{f'{sessions} sessions: {name}':<44} median {statistics.median(taken):8.0f} ms   95 % {taken[math.ceil(len(taken) * 0.95) - 1]:8.0f} ms"
            + (f"   {', '.join(told)}" if seen.answers[kind] else "")
        )


def main(sessions: int) -> None:
    from kb.settings import read_settings
    from portal.knowledge import open_knowledge_base

    with tempfile.TemporaryDirectory() as data:
        knowledge = open_knowledge_base(read_settings(articles=ROOT / "articles", data=data))
        knowledge.index()
        print_load(knowledge, sessions=sessions)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SESSIONS)
