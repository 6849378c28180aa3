"""What follows the save of an article: its history, then the index; what is written stays written whatever follows it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import date

from kb.article_files import ArticleFile
from kb.article_history import ArticleHistory
from kb.errors import KnowledgeBaseError
from kb.front_fields import set_fields
from kb.frontmatter import read_front_matter

LOG = logging.getLogger("kb.portal")

WORKFLOW_FIELDS = (
    "status", "submitted_by", "submitted_on", "reviewed_by", "reviewed_on", "published_by", "published_on", "archived_by", "archived_on",
)  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """A file that was written. `revision` is its commit, None without Git; `fault` says why there is none although there is Git.
    `indexing` ends when customers find it as it is now."""

    file: ArticleFile
    revision: str | None
    fault: str
    indexing: Future


class Saver:
    """Brings what was saved into its history and to the index. `publish` has the index follow; it comes back at once."""

    def __init__(self, history: ArticleHistory, publish: Callable[[], Future]) -> None:
        self._history, self._publish = history, publish

    def record(self, file: ArticleFile, message: str, account: str, *, also: Sequence[str] = ()) -> Saved:
        """Put a file that was written into the history, together with `also`, and have the index follow."""
        revision, fault = self.commit([*also, file.path], message, account)
        return Saved(file, revision, fault, self._publish())

    def commit(self, paths: Sequence[str], message: str, account: str) -> tuple[str | None, str]:
        """(revision, fault). What was saved stays saved when Git refuses; whoever saved it is told."""
        if not self._history.available:
            return None, ""
        try:
            return self._history.commit(paths, message=message, author=account), ""
        except KnowledgeBaseError as fault:
            LOG.error("saved, but not in the history: %s", fault)
            return None, str(fault)


def with_state_of(other: str, text: str) -> str:
    """`text` with the status of `other`, and with who brought it there. Raises FrontMatterFault."""
    now = read_front_matter(other)
    fields = {**now.extra, **now.fields}
    return set_fields(text, {name: _as_written(fields.get(name)) for name in WORKFLOW_FIELDS})


def _as_written(value: object) -> str | date | None:
    """The value of a field: dates are dates, so that they stand without quotes as they did."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        return str(value)


def write_subject(what: str, title: str, typed: str) -> str:
    """The subject of a revision: what was done to which article, and what its author says about it."""
    typed = " ".join(typed.split())
    return f"{what}: {title}" + (f": {typed}" if typed else "")
