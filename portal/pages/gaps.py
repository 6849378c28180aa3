"""What customers look for and do not find, the most costly first."""

from __future__ import annotations

import streamlit as st

from portal.components.assumptions import show_assumptions
from portal.components.downloads import offer_file
from portal.components.frame import name_tab, page_frame
from portal.components.gap_filters import choose_filter
from portal.current import current_knowledge
from portal.drawing import draw
from portal.exporting import write_csv, write_json
from portal.gap_rows import COLUMNS, describe_gap, explain_kind
from portal.guard import need
from portal.visitor import read_visitor

PAGE = 25
SINGLE = 50

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_gaps") if visitor.is_staff else "")
with page_frame(visitor, page="gaps"):
    account = need("agent")
    desk = knowledge.desk(account)
    desk.refresh()
    draw("gaps_head", t=t, back=desk.reopened_mine())
    assumptions = desk.assumptions()
    products, owners = desk.choices()
    with st.container(key="gap_page"):
        chosen = choose_filter(t, products=products, owners=owners, days=int(assumptions.period_days))
        gaps = desk.gaps(chosen)
        draw("self_service", t=t, found=desk.self_service(days=chosen.days), days=int(chosen.days))
        draw("gaps_note", text=t.counted("gaps_count", len(gaps)) if gaps else t("gaps_none") if desk.has_gaps() else t("gaps_none_yet"))
        pages = -(-len(gaps) // PAGE)
        page = st.pagination(pages, key="page") if pages > 1 else 1
        shown = gaps[(page - 1) * PAGE : page * PAGE]
        if shown:
            draw("gap_list", t=t, gaps=shown, why={gap.id: explain_kind(gap, t) for gap in shown}, start=(page - 1) * PAGE + 1)
            rows = [describe_gap(gap, t) for gap in gaps]
            with st.container(key="gap_exports", horizontal=True):
                offer_file(t("gaps_export_csv"), lambda _: write_csv(rows, COLUMNS), "gaps.csv", "text/csv", key="csv_gaps")
                offer_file(t("gaps_export_json"), lambda _: write_json(rows), "gaps.json", "application/json", key="json_gaps")
        single = desk.single(limit=SINGLE)
        if single:
            with st.expander(t.counted("gaps_single", len(single))):
                draw("gap_single", rows=single)
        show_assumptions(t, assumptions, may_change=account.may("lead"), save=lambda name, value: knowledge.desk(need("lead")).assume(name, value))
