"""How support develops from week to week, and what each publication changed."""

from __future__ import annotations

import streamlit as st

from portal.components.downloads import offer_files
from portal.components.frame import name_tab, page_frame
from portal.components.selection import choose_selection, show_lead_head
from portal.components.trend_pictures import show_trends
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.report_rows import WEEK_COLUMNS, describe_week
from portal.reporting import read_trends
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("lead_trends") if visitor.is_staff else "")
with page_frame(visitor, page="trends"):
    desk = knowledge.lead_desk(need("lead"))
    desk.refresh()
    show_lead_head(t, page="trends", title=t("lead_trends"), lead=t("trends_lead"))
    with st.container(key="gap_page"):
        trends = read_trends(desk, choose_selection(t, desk))
        if trends.weeks or trends.findability:
            draw("gaps_note", text=t("trends_note"))
            show_trends(t, trends, zone=desk.zone)
            offer_files(t, [describe_week(week) for week in trends.weeks], WEEK_COLUMNS, name="weeks", title=t("lead_trends"))
        else:
            draw("gaps_note", text=t("trends_empty"))
