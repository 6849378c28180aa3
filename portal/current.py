"""Hold the one knowledge base of this process, so that pages use what the server opened and read no settings again."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from kb.accounts import Accounts
from kb.errors import KnowledgeBaseError

if TYPE_CHECKING:
    from portal.knowledge import KnowledgeBase

_held: list[KnowledgeBase] = []


def hold_knowledge(knowledge: KnowledgeBase) -> None:
    """From now on every page of this process answers from `knowledge`."""
    _held[:] = [knowledge]


def current_knowledge() -> KnowledgeBase:
    """The knowledge base that the server holds. Raises KnowledgeBaseError when the page was started without it."""
    if not _held:
        raise KnowledgeBaseError("the portal was started without its server; start it with `kb serve`")
    return _held[0]


def shows_demonstration() -> bool:
    """Whether pages have to say that what they show is simulated."""
    try:
        return current_knowledge().is_demonstration
    except KnowledgeBaseError:
        # A database that cannot be read is told by what the page holds; its head is drawn all the same.
        return False


def current_accounts() -> Accounts:
    """The staff accounts of the knowledge base that the server holds."""
    return _accounts_in(current_knowledge().settings.database)


@cache
def _accounts_in(database: Path) -> Accounts:
    return Accounts(database)
