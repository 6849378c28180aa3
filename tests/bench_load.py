"""What 200 people at once see: each opens the portal, searches three times, opens an article and votes; then all search in the same moment.

Part of `make bench`; alone and smaller: `python tests/bench_load.py 50`. Sessions are real websocket connections that speak Streamlit's protocol
to a real portal in a process of its own; they stay open until the last one is done.
"""

from __future__ import annotations

import asyncio
import os
import random
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from portal.messages import read_catalogue

ROOT = Path(__file__).parents[1]
SESSIONS, SEARCHES, PAUSE, PATIENCE = 200, 3, (1.5, 4.5), 120.0
OPENING = 5.0
"""Seconds within which everybody comes."""
SENTENCES = read_catalogue("en")
FAULT, BUSY = f"<h2>{SENTENCES['fault_title']}</h2>", f"<h2>{SENTENCES['busy_title']}</h2>"
DEGRADED, THANKS = SENTENCES["degraded_note"], SENTENCES["vote_thanks_yes"]
ARTICLE = re.compile(r'href="/article\?([^"#]+)')


@dataclass
class Seen:
    """What all sessions saw: milliseconds of each run by kind, how many searches were answered in which way, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: {"open": [], "search": [], "article": [], "vote": [], "burst": []})
    answers: dict[str, list[str]] = field(default_factory=lambda: {"search": [], "burst": []})
    thanked: int = 0
    faults: list[str] = field(default_factory=list)


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


class Reader:
    """One page of one browser."""

    def __init__(self, socket, headers: dict[str, str], *, path: str, seen: Seen) -> None:
        self._socket, self._path, self._seen, self._url = socket, path, seen, headers["Origin"]
        self.html, self._widgets, self._page, self._states = "", {}, "", {}

    async def run(self, kind: str, *, since: float | None = None, query: str = "", **widgets: object) -> None:
        """Run the page with these widgets changed, wait until it is drawn, and note how long that took, if need be `since` an earlier moment."""
        message = BackMsg()
        state = message.rerun_script
        state.query_string, state.page_script_hash, state.page_name = query, self._page, "" if self._page else self._path.strip("/")
        state.context_info.url, state.context_info.locale = self._url + self._path, "en-US"
        for key, value in {**self._states, **widgets}.items():
            one = state.widget_states.widgets.add(id=self._widgets[key])
            setattr(one, "trigger_value" if value is True else "string_value", value)
        self._states |= {key: value for key, value in widgets.items() if value is not True}
        started = since or time.perf_counter()
        await self._socket.send(message.SerializeToString())
        await asyncio.wait_for(self._draw(), PATIENCE)
        self._seen.taken[kind].append((time.perf_counter() - started) * 1000)
        if FAULT in self.html:
            self._seen.faults.append(f"{kind}: error page")

    async def search(self, kind: str, text: str) -> str:
        """How the search was answered."""
        await self.run(kind, q=text)
        answer = "busy" if BUSY in self.html else "degraded" if DEGRADED in self.html else "full"
        self._seen.answers[kind].append(answer)
        return answer

    async def _draw(self) -> None:
        drawn, begun = [], False
        while True:
            message = ForwardMsg.FromString(await self._socket.recv())
            kind = message.WhichOneof("type")
            if kind == "new_session":
                drawn, begun = [], True
            elif kind == "navigation":
                self._page = message.navigation.page_script_hash
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                drawn.append(element.html.body if element.HasField("html") else "")
                widget = getattr(element, element.WhichOneof("type"))
                if hasattr(widget, "id") and "-" in widget.id:
                    self._widgets[widget.id.rsplit("-", 1)[-1]] = widget.id
            elif kind == "script_finished" and begun:
                self.html = "".join(drawn)
                return


@asynccontextmanager
async def open_page(url: str, address: str, *, path: str, seen: Seen, cookie: str = "", query: str = ""):
    """A page as a browser opens it: its HTML first, then the connection; yields its Reader and the session's cookie."""
    headers = {"Origin": url, "X-Forwarded-For": address, "User-Agent": "Mozilla/5.0 (bench)", **({"Cookie": cookie} if cookie else {})}
    asked = urllib.request.Request(f"{url}{path}?{query}", headers=headers)
    started = time.perf_counter()
    cookie = await asyncio.to_thread(_read_shell, asked) or cookie
    async with connect(
        url.replace("http", "ws", 1) + "/_stcore/stream", additional_headers={**headers, "Cookie": cookie}, origin=None,
        subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"], open_timeout=PATIENCE, ping_interval=None, max_size=None, compression=None,
    ) as socket:  # fmt: skip
        reader = Reader(socket, headers, path=path, seen=seen)
        await reader.run("open" if path == "/" else "article", since=started, query=query)
        yield reader, cookie


def _read_shell(asked: urllib.request.Request) -> str:
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        answer.read()
        return (answer.headers.get("Set-Cookie") or "").split(";")[0]


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
            await article.run("vote", query=query, vote_yes=True)
            seen.thanked += THANKS in article.html
            await all_here.wait()
            # Everybody at once: more than any machine answers in a moment.
            await home.search("burst", texts[SEARCHES])
            await all_here.wait()


async def read_together(url: str, sessions: int, *, titles: list[str]) -> tuple[Seen, float, float]:
    """What the sessions saw, for how many seconds they searched, and seconds from the last answer of the burst until a search is full again."""
    seen, chance, all_here = Seen(), random.Random(1), Meeting(sessions)
    asked = [f"{chance.choice(titles)} {chance.choice(titles)}"[:150] + f" {number}" for number in range(sessions * (SEARCHES + 1) + 50)]

    async def one(number: int) -> None:
        try:
            await visit(url, number, texts=asked[number :: sessions + 1], seen=seen, all_here=all_here, chance=random.Random(number))
        except Exception as fault:  # every one counts, and none may end the others
            seen.faults.append(f"{type(fault).__name__}: {fault}")
            all_here.go_home()

    started = time.perf_counter()
    await asyncio.gather(*(one(number) for number in range(sessions)))
    lasted = time.perf_counter() - started
    async with open_page(url, "10.1.0.1", path="/", seen=Seen()) as (home, _):
        quiet = time.perf_counter()
        for text in asked[-40:]:
            if await home.search("search", text) == "full":
                break
        return seen, lasted, time.perf_counter() - quiet


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


def print_load(knowledge, *, sessions: int = SESSIONS) -> None:
    """Serve the base's articles to so many sessions and print what they saw."""
    with closing(sqlite3.connect(knowledge.settings.database)) as database:
        titles = [title for (title,) in database.execute("select title from articles order by id")]
        (before,) = database.execute("select count(*) from votes").fetchone()
    with served(knowledge.settings) as (url, pid):
        calm, worked, in_all, own = memory(pid), processor_seconds(pid), processor_seconds(), time.process_time()
        seen, lasted, again = asyncio.run(read_together(url, sessions, titles=titles))
        most, after = memory(pid, most=True), memory(pid)
        worked, own = processor_seconds(pid) - worked, time.process_time() - own
        others = processor_seconds() - in_all - worked - own
    with closing(sqlite3.connect(knowledge.settings.database)) as database:
        (stored,) = database.execute("select count(*) from votes").fetchone()
    for kind, name in (("open", "the portal opened"), ("search", "searched, with pauses"), ("article", "an article opened"), ("vote", "voted"), ("burst", "searched, all at once")):
        taken = sorted(seen.taken[kind]) or [float("nan")]
        told = {answer: seen.answers.get(kind, []).count(answer) for answer in ("full", "degraded", "busy")}
        print(
            f"{f'{sessions} sessions: {name}':<44} median {taken[len(taken) // 2]:8.0f} ms   95 % {taken[int(len(taken) * 0.95)]:8.0f} ms"
            + (f"   {told['full']} in full, {told['degraded']} by words, {told['busy']} told to try again" if kind in seen.answers else "")
        )
    print(f"{'lost votes':<44} {seen.thanked - (stored - before)} of {seen.thanked} thanked for, {sessions - seen.thanked} not cast")
    print(f"{'error pages and broken connections':<44} {len(seen.faults)}{'  ' + '; '.join(sorted(set(seen.faults))[:3]) if seen.faults else ''}")
    print(f"{'until a search is full again after the burst':<44} {again * 1000:.0f} ms")
    print(f"{'memory of the portal':<44} {calm:.0f} MB before, {most:.0f} MB at most, {after:.0f} MB after")
    shares = ", ".join(f"{name} {seconds / lasted:.2f}" for name, seconds in (("the portal", worked), ("these sessions", own), ("all else", others)))
    print(f"{'processors at work, of ' + str(os.cpu_count()):<44} {shares}; {lasted:.0f} s in all")


def main(sessions: int) -> None:
    from kb.settings import read_settings
    from portal.knowledge import open_knowledge_base

    with tempfile.TemporaryDirectory() as data:
        knowledge = open_knowledge_base(read_settings(articles=ROOT / "articles", data=data))
        knowledge.index()
        print_load(knowledge, sessions=sessions)


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else SESSIONS)
