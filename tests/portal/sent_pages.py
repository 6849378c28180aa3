"""Runs a page's script as somebody, without a browser, and keeps every byte that would go to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2.component_manager import BidiComponentManager
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
    """Opens pages with the cookies of whoever is at the browser."""

    def __init__(self, patched: pytest.MonkeyPatch) -> None:
        self._patched, self._sent = patched, None
        self._components = BidiComponentManager()
        # Looked for among all installed packages, which takes longer than most pages.
        self._components.discover_and_register_components(start_file_watching=False)
        self._listen()

    def open(self, script: str, cookies: Mapping[str, str], *, path: str = "", press: Callable[[AppTest], object] | None = None, **parameters: str) -> Sent:
        """A run of `pages/<script>.py`, or of `app.py` at that path; with `press` another one, after what it does with the page."""
        self._patched.setattr(type(st.context), "cookies", dict(cookies))
        file = PORTAL / f"{script}.py" if script == "app" else PORTAL / "pages" / f"{script}.py"
        page = AppTest.from_file(str(file), default_timeout=30)
        page._bidi_component_manager = self._components
        page.context.update(locale="en-US", url=f"http://help.example{path or '/' + script}")
        page.query_params.update(parameters)
        return self.run(page) if press is None else self.run(page, press)

    def run(self, page: AppTest, press: Callable[[AppTest], object] = AppTest.run) -> Sent:
        self._sent = Sent(page)
        with _own_runtime():
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
