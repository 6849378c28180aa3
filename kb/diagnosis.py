"""What a doctor says: each check finds something in order, worth a look, or broken, and says what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kb.errors import KnowledgeBaseError


@dataclass(frozen=True)
class Finding:
    """`level` is 'ok', 'warning' (works, but somebody should look) or 'fault' (something does not work)."""

    level: str
    subject: str
    message: str
    mend: str = ""
    """What `kb doctor --repair` does about it, by name; '' where a person has to."""


def run_check(subject: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """What the check finds; what keeps it from looking is a fault as well, and ends no other check."""
    found: list[Finding] = []
    try:
        found.extend(check())
    except KnowledgeBaseError as fault:
        found.append(Finding("fault", subject, str(fault)))
    except OSError as fault:
        found.append(Finding("fault", subject, f"{fault.filename or subject} cannot be read: {fault.strerror or fault}; check its permissions"))
    return found
