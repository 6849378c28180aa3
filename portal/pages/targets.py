"""The published targets as traffic lights, each with what it is made of."""

from __future__ import annotations

import streamlit as st

from portal.components.downloads import offer_files
from portal.components.frame import name_tab, page_frame
from portal.components.selection import choose_selection, show_lead_head
from portal.components.target_list import show_targets
from portal.current import current_knowledge
from portal.guard import need
from portal.report_rows import TARGET_COLUMNS, describe_target
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("lead_targets") if visitor.is_staff else "")
with page_frame(visitor, page="targets"):
    desk = knowledge.lead_desk(need("lead"))
    desk.refresh()
    show_lead_head(t, page="targets", title=t("lead_targets"), lead=t("targets_lead"))
    with st.container(key="gap_page"):
        selection = choose_selection(t, desk)
        targets, before = desk.targets(selection), desk.targets(selection.before())
        show_targets(t, targets, before)
        offer_files(t, [describe_target(*pair) for pair in zip(targets, before, strict=True)], TARGET_COLUMNS, name="targets", title=t("lead_targets"))
