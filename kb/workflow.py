"""The way of an article from draft to archive, and who took which step when, kept in its front matter."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from kb.account_rules import name_key
from kb.errors import KnowledgeBaseError
from kb.front_fields import set_fields
from kb.frontmatter import read_front_matter
from kb.readers import STATUSES

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "draft": ("review",),
    "review": ("published", "draft"),
    "published": ("archived", "draft"),
    "archived": ("draft",),
}
"""Which status may follow which."""

_STAMPS = {"draft": (), "review": ("submitted",), "published": ("reviewed", "published"), "archived": ("archived",)}
"""The steps that reaching a status stands for."""
_CLEARED = {"draft": ("submitted", "reviewed", "published", "archived"), "review": ("reviewed", "published", "archived")}
"""The steps that no longer hold once a status is reached: the fields tell how the article came to where it is."""


class WorkflowError(KnowledgeBaseError):
    """A step that the article, or this person, cannot take. Carries `code` and, for a page's own words, `values`.

    Codes: `unknown_status`, `no_such_step`, `not_submitted`, `second_person`.
    """

    def __init__(self, code: str, fact: str, **values: str) -> None:
        self.code, self.values = code, values
        super().__init__(fact)


def status_of(text: str) -> str:
    """The status that the article's front matter gives it. Raises FrontMatterFault."""
    return read_front_matter(text).fields.get("status") or "published"


def move_article(text: str, status: str, *, account: str, on: date, alone: bool = False) -> str:
    """`text` with this status, and with who took the step (`submitted_by`, …) on which day (`submitted_on`, …).

    Publishing takes another person than the one who submitted; with `alone`, which the caller grants, the same person may, and
    stands in both fields. Raises WorkflowError, and FrontMatterFault when the front matter cannot be read.
    """
    if status not in STATUSES:
        raise WorkflowError("unknown_status", f"status is unknown: {status!r} (want one of {', '.join(STATUSES)})", wanted=status)
    front = read_front_matter(text)
    now = front.fields.get("status") or "published"
    if status not in TRANSITIONS[now]:
        open_to = " or ".join(TRANSITIONS[now])
        raise WorkflowError(
            "no_such_step", f"an article cannot go from {now} to {status}; from {now} it goes to {open_to}", now=now, wanted=status
        )
    if status == "published" and not alone:
        _refuse_own_review(front.extra, account)
    changes: dict[str, str | date | None] = {"status": status}
    for step in _CLEARED.get(status, ()):
        changes[f"{step}_by"] = changes[f"{step}_on"] = None
    for step in _STAMPS[status]:
        changes[f"{step}_by"], changes[f"{step}_on"] = account, on
    return set_fields(text, changes)


def _refuse_own_review(fields: Mapping[str, object], account: str) -> None:
    submitted_by = str(fields.get("submitted_by") or "")
    if not submitted_by:
        # The status was written by hand: nobody knows whose work a second person would look at.
        raise WorkflowError("not_submitted", "nobody is named in submitted_by; send the article back to draft and submit it for review")
    if name_key(submitted_by) == name_key(account):
        raise WorkflowError(
            "second_person", f"{submitted_by} submitted this article; another person has to review it", account=submitted_by
        )
