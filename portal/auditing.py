"""The audit log as administrators have it: every method asks for the role, whoever calls it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.moments import utc_now
from kb.accounts import Account
from kb.audit import AuditCheck, AuditLine, list_recorded, read_audit, verify
from kb.database import read
from kb.errors import StaffOnly
from kb.settings import Settings

COLUMNS = ("id", "at", "account", "role", "action", "subject", "subject_id", "detail", "hash")
"""Of the log as CSV or JSON."""


@dataclass(frozen=True)
class AuditFilter:
    """Which lines are meant; what is empty narrows nothing. `days`: of the last so many times 24 hours."""

    account: str = ""
    subject: str = ""
    action: str = ""
    days: int | None = None


class AuditDesk:
    """Reads the log. Raises StaffOnly when the account is no administrator's."""

    def __init__(self, account: Account | None, settings: Settings, *, now: Callable[[], datetime] = utc_now) -> None:
        self._account, self._settings, self._now = account, settings, now
        self._need()

    def choices(self) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
        """(accounts, pairs of subject and action) that a filter can name."""
        self._need()
        with read(self._settings.database) as database:
            return list_recorded(database)

    def lines(self, chosen: AuditFilter = AuditFilter(), *, limit: int | None = 100, before: int | None = None) -> tuple[AuditLine, ...]:
        """The lines that pass the filter, the newest first, of those before the line `before`."""
        self._need()
        since = self._now() - timedelta(days=chosen.days) if chosen.days else None
        with read(self._settings.database) as database:
            return read_audit(database, account=chosen.account, action=chosen.action, subject=chosen.subject, since=since, limit=limit, before_id=before)

    def check(self) -> AuditCheck:
        """Whether every line is as it was written. Reads all of them."""
        self._need()
        with read(self._settings.database) as database:
            return verify(database)

    def _need(self) -> None:
        if self._account is None or not self._account.may("administrator"):
            raise StaffOnly("this needs an account with the role administrator; sign in with one")


def describe_line(line: AuditLine) -> Mapping[str, object]:
    """The line under the names of COLUMNS, as codes that mean the same in every language."""
    return {**{name: getattr(line, name) for name in COLUMNS}, "at": line.at.isoformat() if line.at else ""}
