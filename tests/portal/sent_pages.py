"""Runs a page's script as somebody, without a browser, and keeps every byte that would go to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import streamlit as st
from starlette.testclient import TestClient
from streamlit.components.v2.component_manager import BidiComponentManager
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import Runtime
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
from streamlit.testing.v1 import AppTest, local_script_runner

PORTAL = Path(__file__).parents[2] / "portal"


@dataclass
class Sent:
    """What one run of a page sent: its messages, the files that lie ready, and those that are written once they are asked for."""

    page: AppTest
    messages: list[ForwardMsg] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)
    later: list[Callable[[], str | bytes]] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return b"\n".join([*(message.SerializeToString() for message in self.messages), *self.files])

    @property
    def words(self) -> str:
        """The page's HTML."""
        return "\n".join(element.value for element in self.page.get("html"))

    @property
    def shown(self) -> list[str]:
        """The messages as text, without what differs from run to run: what is compared when two pages have to be the same."""
        return [str(message) for message in map(_without_run, self.messages) if message.ByteSize()]


class Pages:
    """Opens pages with the cookies of whoever is at the browser. `patched` keeps hold of what is sent for as long as it lasts."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._patched, self._sent = patched, None
        self._components = BidiComponentManager()
        # Looked for among all installed packages, which takes longer than most pages.
        self._components.discover_and_register_components(start_file_watching=False)
        self._listen()

    def open(self, page: str, cookies: Mapping[str, str], **parameters: str) -> Sent:
        """A run of `pages/<page>.py` by itself, whatever app.py would say of it."""
        test = AppTest.from_file(str(PORTAL / "pages" / f"{page}.py"), default_timeout=30)
        test._bidi_component_manager = self._components
        test.context.update(locale="en-US", url=f"http://help.example/{page}")
        test.query_params.update(parameters)
        return self.again(test, cookies)

    def again(self, page: AppTest, cookies: Mapping[str, str], press: Callable[[AppTest], object] = AppTest.run) -> Sent:
        """Another run of a page that was opened, after what `press` does with it."""
        self._sent = Sent(page)
        with _own_runtime(), pytest.MonkeyPatch.context() as patched:
            patched.setattr(type(st.context), "cookies", dict(cookies))
            press(page)
        assert not page.exception, page.exception
        return self._sent

    def _listen(self) -> None:
        parse, load, later = local_script_runner.parse_tree_from_messages, MemoryMediaFileStorage.load_and_get_id, MediaFileManager.add_deferred

        def keep_messages(messages):
            self._sent.messages[:] = messages
            return parse(messages)

        def keep_file(storage, content, *rest, **named):
            self._sent.files.append(content if isinstance(content, bytes) else Path(content).read_bytes())
            return load(storage, content, *rest, **named)

        def keep_for_later(manager, write, *rest, **named):
            self._sent.later.append(write)
            return later(manager, write, *rest, **named)

        self._patched.setattr(local_script_runner, "parse_tree_from_messages", keep_messages)
        self._patched.setattr(MemoryMediaFileStorage, "load_and_get_id", keep_file)
        self._patched.setattr(MediaFileManager, "add_deferred", keep_for_later)


class Connection:
    """A websocket of a served portal, as a browser has one for each page that it shows; it may ask for whatever it likes."""

    def __init__(self, client: TestClient, cookies: Mapping[str, str]) -> None:
        host = client.base_url.host
        headers = {"Origin": f"http://{host}", "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        self._session = client.websocket_connect(f"ws://{host}/_stcore/stream", headers=headers, subprotocols=["streamlit"])
        self._origin = headers["Origin"]

    def __enter__(self) -> Connection:
        self._socket = self._session.__enter__()
        return self

    def __exit__(self, *fault: object) -> None:
        self._session.__exit__(*fault)

    def run(self, path: str, *, script: str = "", query: str = "") -> list[ForwardMsg]:
        """What is sent for a page at this path; or, with the hash of a script, for that one."""
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.page_script_hash, asked.query_string = "" if script else path.strip("/"), script, query
        asked.context_info.url, asked.context_info.locale = self._origin + path, "en-US"
        self._socket.send_bytes(message.SerializeToString())
        sent = []
        while not sent or sent[-1].WhichOneof("type") != "script_finished":
            sent.append(ForwardMsg.FromString(self._socket.receive_bytes()))
        return sent


@contextmanager
def _own_runtime() -> Iterator[None]:
    """A page's run leaves no runtime behind; a served portal beside it keeps its own."""
    served = Runtime._instance
    try:
        yield
    finally:
        Runtime._instance = served


def _without_run(message: ForwardMsg) -> ForwardMsg:
    copy = ForwardMsg()
    copy.CopyFrom(message)
    for name in ("hash", "metadata", "new_session", "page_profile", "script_finished", "session_status_changed"):
        copy.ClearField(name)
    return copy
