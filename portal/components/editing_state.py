"""The article in hand, for as long as its page is open: what is typed, what it started from, what somebody else saved meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from kb.article_files import ArticleFile
from kb.frontmatter import FrontMatterFault, read_front_matter
from portal.writing import Opened

KEY = "editing"


@dataclass(frozen=True)
class Editing:
    """`head` is the front matter with its lines, `body` the text below it; in `whole` the body is the whole file, front matter included.

    `saved` is the text of the file that the writer started from, and `version` that file's; None when there is no file.
    `round` names the widgets: another one makes them show what is here instead of what was typed.
    """

    article: str
    head: str
    body: str
    whole: bool
    saved: str
    version: str | None
    round: int = 0
    # When what is typed was kept last; None while nothing differs from the file.
    kept_at: datetime | None = None
    # When the text that the page began with was kept, until the writer has taken note of it.
    found_at: datetime | None = None
    # The file as somebody else saved it meanwhile; or it was moved or removed.
    theirs: ArticleFile | None = None
    gone: bool = False
    comparing: bool = False
    # The text that another one has replaced, to be brought back.
    set_aside: str = ""

    @property
    def text(self) -> str:
        return self.head + self.body

    @property
    def is_changed(self) -> bool:
        """Whether what is typed differs from the file."""
        return self.text != self.saved or self.version is None

    @property
    def is_overtaken(self) -> bool:
        """Whether the file is not what the writer started from."""
        return self.theirs is not None or self.gone

    def with_text(self, text: str, *, whole: bool | None = None) -> Editing:
        """The same with another text, which the widgets then show."""
        head, body, is_whole = split_text(text, whole=bool(self.whole if whole is None else whole))
        return replace(self, head=head, body=body, whole=is_whole, round=self.round + 1)

    def with_steps(self, text: str) -> Editing:
        """The same with a text in which only fields differ that no widget shows: what is typed stays where it is on the screen."""
        head, body, whole = split_text(text, whole=self.whole)
        return replace(self, head=head, body=body, whole=whole, round=self.round + (body != self.body or whole != self.whole))

    def based_on(self, file: ArticleFile) -> Editing:
        """The same, started from this version of the file."""
        return replace(self, saved=file.text, version=file.version, theirs=None, gone=False)


def begin(article: str, opened: Opened) -> Editing:
    """The article as it is opened: with the text that was kept, if it says something else than the file."""
    file, kept = opened.file, opened.kept
    if kept is None or (file and kept.text == file.text):
        head, body, whole = split_text(file.text)
        return Editing(article, head, body, whole, file.text, file.version)
    head, body, whole = split_text(kept.text)
    base = file if file and file.version == kept.base_version else None
    return Editing(
        article, head, body, whole, saved=base.text if base else "", version=kept.base_version, kept_at=kept.kept_at, found_at=kept.kept_at,
        theirs=None if base else file, gone=file is None and kept.base_version is not None,
    )  # fmt: skip


def split_text(text: str, *, whole: bool = False) -> tuple[str, str, bool]:
    """(front matter, text below it, whether the latter is everything): all of it when that is asked for, or when the front matter is broken."""
    try:
        body = read_front_matter(text).body if not whole else text
    except FrontMatterFault:
        body, whole = text, True
    if not whole:
        # The blank lines below the front matter belong to it, not to what people write.
        body = body.lstrip("\n")
    return text[: len(text) - len(body)], body, whole


def front_of(text: str) -> Mapping[str, object]:
    """Every field of the text's front matter; none when it is broken."""
    try:
        front = read_front_matter(text)
    except FrontMatterFault:
        return {}
    return {**front.extra, **front.fields}


def status_of(editing: Editing) -> str:
    """The status that the text has; while its front matter is broken, that of the file."""
    front = front_of(editing.text) or front_of(editing.saved)
    return str(front.get("status") or "published")


def held() -> Editing | None:
    return st.session_state.get(KEY)


def hold(editing: Editing) -> Editing:
    st.session_state[KEY] = editing
    return editing


def let_go() -> None:
    """Open it anew next time."""
    st.session_state.pop(KEY, None)


def widget(name: str, editing: Editing) -> str:
    """The key of a widget that shows a part of the text."""
    return f"edit_{name}_{editing.round}"
