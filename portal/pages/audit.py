"""Who did what and when: the audit log, for administrators."""

from __future__ import annotations

import streamlit as st

from portal.auditing import COLUMNS, describe_line
from portal.components.audit_log import asked_before, choose_lines, show_check, show_lines
from portal.components.downloads import offer_file
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.exporting import write_csv
from portal.guard import need
from portal.visitor import read_visitor

PAGE = 50
CHECKED = "audit checked"

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_audit") if visitor.account and visitor.account.may("administrator") else "")
with page_frame(visitor, page="audit"):
    desk = knowledge.audit_desk(need("administrator"))
    draw("staff_lead", title=t("staff_audit"), lead=t("audit_lead"))
    with st.container(key="gap_page"):
        if CHECKED not in st.session_state:
            # Once for each time that the page is opened, not at each choice: every line is read for it.
            st.session_state[CHECKED] = desk.check()
        show_check(t, st.session_state[CHECKED])
        chosen = choose_lines(t, *desk.choices())
        lines = desk.lines(chosen, limit=PAGE + 1, before=asked_before())
        show_lines(t, lines[:PAGE], more=len(lines) > PAGE)
        if lines:
            offer_file(
                t("gaps_export_csv"), lambda account: write_csv(map(describe_line, knowledge.audit_desk(account).lines(chosen, limit=None)), COLUMNS),
                "audit.csv", "text/csv", key="audit_csv", role="administrator",
            )  # fmt: skip
