"""Readers of a served portal, each a real websocket connection that speaks Streamlit's protocol as a browser does. For measuring."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from portal.messages import read_catalogue

SENTENCES = read_catalogue("en")
FAULT, BUSY = f"<h2>{SENTENCES['fault_title']}</h2>", f"<h2>{SENTENCES['busy_title']}</h2>"
DEGRADED = SENTENCES["degraded_note"]
PATIENCE = 120.0
"""Seconds after which a page that was not drawn is a fault."""


@dataclass
class Seen:
    """What all sessions saw: milliseconds of each run by kind, how many searches were answered in which way, how many votes and questions the pages
    said were taken, and what went wrong."""

    taken: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    answers: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    votes: int = 0
    questions: int = 0
    faults: list[str] = field(default_factory=list)


class Reader:
    """One page of one browser."""

    def __init__(self, socket, headers: dict[str, str], *, path: str, seen: Seen) -> None:
        self._socket, self._path, self._seen, self._url = socket, path, seen, headers["Origin"]
        self.html, self._widgets, self._page, self._states = "", {}, "", {}

    async def run(self, kind: str, *, since: float | None = None, query: str = "", widgets: Mapping[str, str | bool] = MappingProxyType({})) -> None:
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
        await self.run(kind, widgets={"q": text})
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
        await reader.run(path, since=started, query=query)
        yield reader, cookie


def _read_shell(asked: urllib.request.Request) -> str:
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer:
        answer.read()
        return (answer.headers.get("Set-Cookie") or "").split(";")[0]
