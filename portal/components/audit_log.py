"""The audit log on its page: what is chosen, whether its chain is sound, its lines."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feedback.moments import utc_now
from kb.audit import AuditCheck, AuditLine
from portal.addresses import address
from portal.audit_words import link_subject, say_action, say_detail, say_role, say_subject
from portal.auditing import AuditFilter
from portal.components.choosing import choose_any
from portal.components.moments import readers_zone, say_moment
from portal.drawing import draw
from portal.messages import Messages

PERIODS = (1, 7, 28, 90, 365)
KEPT = ("who", "did", "days")
_FILTERED = "audit filtered"


def choose_lines(t: Messages, accounts: Sequence[str], actions: Sequence[tuple[str, str]]) -> AuditFilter:
    """The filter that is chosen; it lives in the address as `who`, `did` and `days`."""
    with st.container(key="gap_filters", horizontal=True):
        account = choose_any(t, t("audit_account"), "who", {name: name or t("audit_nobody") for name in accounts if name})
        pairs = {f"{subject}.{action}": say_action(t, subject, action) for subject, action in actions}
        did = choose_any(t, t("audit_action"), "did", dict(sorted(pairs.items(), key=lambda pair: pair[1])))
        days = choose_any(t, t("gaps_filter_days"), "days", {str(days): t.counted("audit_days", days) for days in PERIODS})
    subject, _, action = did.partition(".")
    chosen = AuditFilter(account, subject, action, int(days) if days else None)
    if st.session_state.setdefault(_FILTERED, chosen) != chosen:
        # Another choice begins at its newest line.
        st.session_state[_FILTERED] = chosen
        st.query_params.pop("before", None)
    return chosen


def asked_before() -> int | None:
    """The line before which the address asks for lines."""
    given = st.query_params.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 15 else None


def show_check(t: Messages, check: AuditCheck) -> None:
    """Whether the log is as it was written, with the hash that says so as long as somebody keeps it elsewhere."""
    if check.sound:
        said = t.counted("audit_sound", check.rows)
    else:
        said = t("audit_broken", line=check.first_broken_id)
    draw("audit_check", t=t, check=check, said=said)


def show_lines(t: Messages, lines: Sequence[AuditLine], *, more: bool) -> None:
    """The lines, and the way to older ones if there are `more`, or back to the newest."""
    zone, now = readers_zone(), utc_now()
    rows = [
        {
            "what": say_action(t, line.subject, line.action), "subject": say_subject(t, line), "href": link_subject(line), "account": line.account or t("audit_nobody"),
            "role": say_role(t, line.role), "at": line.at.isoformat() if line.at else "", "when": say_moment(t, line.at, zone=zone, now=now) if line.at else "?",
            "detail": say_detail(t, line), "id": line.id,
        }
        for line in lines
    ]  # fmt: skip
    here = {name: st.query_params.get(name) for name in KEPT}
    draw(
        "audit_lines", t=t, rows=rows, older=address("audit", **here, before=lines[-1].id) if more else "",
        newest=address("audit", **here) if asked_before() is not None else "",
    )  # fmt: skip
