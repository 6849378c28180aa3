"""What staff have in hand: text typed and not yet saved, one for each person and article, and reviewers' comments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlite_utils import Database

import kb.workspace_schema  # noqa: F401  registers the migration of these tables
from kb.account_attempts import stamp
from kb.account_rules import name_key
from kb.accounts import utc_now
from kb.audit import record, role_of
from kb.database import read, write
from kb.errors import KnowledgeBaseError
from kb.files import MAX_ARTICLE_BYTES

LONGEST_COMMENT = 4000


class WorkspaceError(KnowledgeBaseError):
    """Something that cannot be kept, or a comment that is not there."""


@dataclass(frozen=True)
class Kept:
    """Text that somebody typed and has not saved."""

    text: str
    base_version: str | None
    """The version of the file that the text started from; None for an article that was not there."""
    kept_at: datetime
    """In UTC."""


@dataclass(frozen=True)
class Comment:
    """A reviewer's remark; `resolved_by` and `resolved_at` are None while it is open. Times are in UTC."""

    id: int
    account: str
    text: str
    at: datetime
    resolved_by: str | None
    resolved_at: datetime | None


class Workspace:
    """The unsaved texts and the comments in one database, which has been migrated."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def keep(self, article: str, text: str, *, base_version: str | None, account: str) -> None:
        """Keep what this person has typed so far, in the place of what was kept before. Raises WorkspaceError when it is too long."""
        if len(text.encode("utf-8", "replace")) > MAX_ARTICLE_BYTES:
            raise WorkspaceError(f"the text is larger than {MAX_ARTICLE_BYTES // 1_000_000} MB; split it into several articles")
        with write(self._path) as database:
            database.execute(
                "insert into kept_texts (account, article, text, base_version, kept_at) values (?, ?, ?, ?, ?) on conflict (account, article)"
                " do update set text = excluded.text, base_version = excluded.base_version, kept_at = excluded.kept_at",
                [name_key(account), article, text, base_version, stamp(self._now())],
            )

    def kept(self, article: str, *, account: str) -> Kept | None:
        """What this person typed last and did not save; None without any."""
        with read(self._path) as database:
            row = database.execute(
                "select text, base_version, kept_at from kept_texts where account = ? and article = ?", [name_key(account), article]
            ).fetchone()
        return Kept(row[0], row[1], datetime.fromisoformat(row[2])) if row else None

    def drop(self, article: str, *, account: str) -> None:
        """It is saved. Nothing happens when nothing is kept."""
        with write(self._path) as database:
            _drop(database, article, account)

    def discard(self, article: str, *, account: str) -> None:
        """It is given up, which the audit log notes. Nothing happens when nothing is kept."""
        with write(self._path) as database:
            if _drop(database, article, account):
                _note(database, "discarded", article, account, at=stamp(self._now()))

    def comment(self, article: str, text: str, *, account: str) -> Comment:
        """Remark something on the article. Raises WorkspaceError when the remark is empty or too long."""
        text = text.strip()
        if not text:
            raise WorkspaceError("the comment is empty; write what should change")
        if len(text) > LONGEST_COMMENT:
            raise WorkspaceError(f"the comment has {len(text)} characters; want at most {LONGEST_COMMENT}")
        now = stamp(self._now())
        with write(self._path) as database:
            id = database.execute(
                "insert into review_comments (article, account, text, at) values (?, ?, ?, ?)", [article, account, text, now]
            ).lastrowid
            _note(database, "commented", article, account, at=now)
        return Comment(id, account, text, datetime.fromisoformat(now), None, None)

    def comments(self, article: str) -> tuple[Comment, ...]:
        """All remarks on the article, the oldest first."""
        with read(self._path) as database:
            rows = database.execute(
                "select id, account, text, at, resolved_by, resolved_at from review_comments where article = ? order by id", [article]
            ).fetchall()
        return tuple(
            Comment(id, account, text, datetime.fromisoformat(at), by, datetime.fromisoformat(resolved) if resolved else None)
            for id, account, text, at, by, resolved in rows
        )

    def resolve(self, comment_id: int, *, account: str) -> None:
        """The remark is dealt with; who said so first stays. Raises WorkspaceError when there is no such comment."""
        now = stamp(self._now())
        with write(self._path) as database:
            row = database.execute("select article from review_comments where id = ?", [comment_id]).fetchone()
            if row is None:
                raise WorkspaceError(f"no comment {comment_id}; open the article's review again")
            changed = database.execute(
                "update review_comments set resolved_by = ?, resolved_at = ? where id = ? and resolved_by is null", [account, now, comment_id]
            ).rowcount
            if changed:
                _note(database, "comment_resolved", row[0], account, at=now)

    def rename(self, article: str, new_id: str) -> None:
        """The article has another id: its comments and unsaved texts go with it. A text kept under the new id already stays."""
        with write(self._path) as database:
            database.execute("update review_comments set article = ? where article = ?", [new_id, article])
            database.execute("update or ignore kept_texts set article = ? where article = ?", [new_id, article])
            database.execute("delete from kept_texts where article = ?", [article])


def _drop(database: Database, article: str, account: str) -> int:
    return database.execute("delete from kept_texts where account = ? and article = ?", [name_key(account), article]).rowcount


def _note(database: Database, action: str, article: str, account: str, *, at: str) -> None:
    record(database, at=at, account=account, role=role_of(database, account), action=action, subject="article", subject_id=article)
