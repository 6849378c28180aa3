"""Between preview and publishing: what the text would change for customers who searched before."""

from __future__ import annotations

from portal.messages import Messages
from portal.writing import WritingDesk


def show_replay(t: Messages, desk: WritingDesk, article: str, text: str, gap: int | None) -> None:
    """Nothing yet."""
