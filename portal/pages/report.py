"""The report of a period on one sheet: to be printed, kept as PDF, or taken along as a file."""

from __future__ import annotations

import streamlit as st

from portal.components.frame import name_tab, page_frame
from portal.components.report_downloads import offer_report
from portal.components.selection import choose_selection, show_lead_head
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.report_html import STYLE, describe_report
from portal.report_sections import ONE_PAGE
from portal.reporting import gather_report
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("lead_report") if visitor.is_staff else "")
with page_frame(visitor, page="report"):
    desk = knowledge.lead_desk(need("lead"))
    desk.refresh()
    show_lead_head(t, page="report", title=t("lead_report"), lead=t("report_lead"))
    with st.container(key="gap_page"):
        selection = choose_selection(t, desk)
        report = gather_report(desk, selection, site=knowledge.settings.title, simulated=knowledge.is_demonstration)
        offer_report(t, report)
        st.html(STYLE)
        draw("report", **describe_report(t, report, tables=ONE_PAGE))
