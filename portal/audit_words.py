"""What the audit log records, in the reader's words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from feedback.gaps import DISMISSALS, GAP_KINDS
from kb.account_rules import ROLES
from kb.audit import COMMAND, AuditLine
from portal.addresses import address
from portal.components.writing_words import name_statuses
from portal.messages import Messages

ACTIONS = {
    "gap": ("assigned", "drafted", "closed", "dismissed", "reopened", "noted", "renamed", "classified", "merged", "split"),
    "question": ("acknowledge", "reply", "close", "reopen", "assign", "note", "draft", "told"),
    "article": ("created", "saved", "moved", "published", "restored", "renamed", "image_added", "commented", "comment_resolved", "discarded"),
    "synonyms": ("added",),
    "assumption": ("changed",),
    "person": ("exported",),
    "erasure": ("erase",),
    "file": ("exported",),
    "account": ("added", "password_set", "disabled", "enabled", "role_set", "groups_set", "products_set", "signed_in", "signed_out", "sign_in_refused"),
    "articles": ("imported",),
    "texts": ("expired",),
    "base": ("restored",),
}
"""Subject -> what can be done to it: a sentence `audit_<subject>_<action>` stands in the messages for each."""
PARTS = (
    "alone", "against_advice", "text", "phrases", "by", "contact", "reference", "pseudonym", "searches", "opens", "votes", "questions", "articles", "refused",
    "published", "backup",
)  # fmt: skip
"""Codes that details are made of, with words `audit_part_<code>`."""
NUMBERED = ("gap", "question", "account")
"""Subjects whose ids are numbers."""


def say_action(t: Messages, subject: str, action: str) -> str:
    """What was done, as a sentence; as it is recorded when kb knows no words for it."""
    return t(f"audit_{subject}_{action}") if action in ACTIONS.get(subject, ()) else f"{subject} {action}"


def say_subject(t: Messages, line: AuditLine) -> str:
    """What it was done to: #12, the address of an article, the name of a file."""
    if line.subject == "assumption":
        return t(f"assumption_{line.subject_id}")
    return f"#{line.subject_id}" if line.subject in NUMBERED and line.subject_id else line.subject_id


def say_role(t: Messages, role: str) -> str:
    """What the account was; '' of what is no role."""
    return t("audit_role_command") if role == COMMAND else t(f"role_{role}") if role in ROLES else ""


def link_subject(line: AuditLine) -> str:
    """Where more is told about it; '' when nowhere."""
    if line.subject == "gap":
        return address("gap", id=line.subject_id)
    return address("history", article=line.subject_id) if line.subject == "article" else ""


def say_detail(t: Messages, line: AuditLine) -> str:
    """The details with kb's own codes in the reader's words; names of people, articles and groups stay what they are."""
    pieces = re.split(r"(, |: | -> )", line.detail)
    # The first is the account's name, and a name may be the same as a code.
    first = 1 if line.subject == "account" else 0
    words = _words(t, line.subject)
    return "".join([*pieces[:first], *(words.get(piece, piece) for piece in pieces[first:])])


def _words(t: Messages, subject: str) -> Mapping[str, str]:
    arrow = {" -> ": " → "}
    if subject == "account":
        return {**arrow, **{role: t(f"role_{role}") for role in ROLES}}
    if subject == "gap":
        return {**arrow, **{kind: t(f"kind_{kind}") for kind in GAP_KINDS}, **{reason: t(f"dismissal_{reason}") for reason in DISMISSALS}}
    parts = {name: t(f"audit_part_{name}") for name in PARTS}
    return {**arrow, **parts, **(name_statuses(t) if subject == "article" else {})} if subject not in ("question", "file") else arrow
