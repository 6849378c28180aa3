"""Everything that `kb doctor` looks at, and the mending of what is derived. Works on a base that cannot even be opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import kb.schema  # noqa: F401  so that no table of the ground floor counts as a newer kb's
from feedback.days import count_stale_days
from feedback.doctor import examine_records
from feedback.moments import utc_now
from indexer.doctor import examine
from indexer.embedder import Embedder
from indexer.model import bundled_folder
from indexer.repair import mend_index
from kb.diagnosis import Finding, run_check
from kb.errors import KnowledgeBaseError
from kb.folder_checks import examine_folder
from kb.settings import Settings
from kb.text import keep_dictionary_in

# What others need comes first: without room or a model nothing else is mended.
_ORDER = ("leftovers", "dictionary", "indexes", "model", "terms", "rows", "vectors", "days")


@dataclass(frozen=True)
class Repaired:
    """What was done, what could not be, and what is found now."""

    done: tuple[str, ...]
    failed: tuple[str, ...]
    findings: tuple[Finding, ...]


def examine_base(settings: Settings, *, now: datetime | None = None) -> tuple[Finding, ...]:
    """Every check of folder, articles, database, model, index and records. Changes nothing but pending migrations."""
    keep_dictionary_in(settings.data / "cache")
    found = [*run_check("folder", lambda: examine_folder(settings)), *examine(settings, _embedder(settings), today=date.today())]
    if not any(finding.level == "fault" and finding.subject == "database" for finding in found):
        found += run_check("records", lambda: examine_records(settings.database, now=now or utc_now()))
    return tuple(found)


def repair_base(settings: Settings, *, now: datetime | None = None) -> Repaired:
    """Mend what is derived and found wrong, one after the other, and look again. What people wrote is never touched."""
    done, failed = [], []
    findings = examine_base(settings, now=now)
    tried: set[str] = set()
    while wanted := [name for name in _ORDER if name not in tried and any(finding.mend == name for finding in findings)]:
        # One at a time: what is mended may be all that was wrong with the others.
        tried.add(wanted[0])
        try:
            if wanted[0] == "days":
                days = count_stale_days(settings.database, zone=settings.zone, now=now or utc_now())
                done.append(f"counted {days} days anew")
            else:
                done += mend_index(settings, _embedder(settings), {wanted[0]})
        except KnowledgeBaseError as fault:
            failed.append(str(fault))
        findings = examine_base(settings, now=now)
    return Repaired(tuple(done), tuple(failed), findings)


def _embedder(settings: Settings) -> Embedder:
    """The model that the settings name, where it is or would be: nothing is prepared."""
    return Embedder(settings.model or str(bundled_folder(settings)))
