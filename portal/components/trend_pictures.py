"""The trends on the page: a picture each, with what it counts above it and its table below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import altair as alt
import streamlit as st

from feedback.trends import Trends, Week
from portal import trend_charts
from portal.chart_parts import Kind
from portal.drawing import draw
from portal.effect_charts import draw_effects, draw_findability, findability_kinds
from portal.messages import Messages
from portal.report_tables import Table, tabulate_effects, tabulate_findability, tabulate_weeks


@dataclass(frozen=True)
class Picture:
    """One picture over the weeks: `columns` are those of its table, `counts` says whether a week has something to show."""

    name: str
    title: str
    lead: str
    columns: tuple[str, ...]
    counts: Callable[[Week], object]
    kinds: tuple[Kind, ...] = ()


def show_trends(t: Messages, trends: Trends, *, zone: ZoneInfo) -> None:
    """Every trend that has something to show; of the others, that there is nothing."""
    with st.container(key="trend_pictures"):
        for picture in _list_pictures(t):
            table = tabulate_weeks(t, trends.weeks, picture.columns, title=picture.title)
            if not any(map(picture.counts, trends.weeks)):
                table = Table(picture.title, (), (), t("trends_none"))
            draw_chart = trend_charts.CHARTS[picture.name]
            _show(t, picture.name, picture.lead, table, lambda draw_chart=draw_chart: draw_chart(t, trends.weeks), kinds=picture.kinds)
        runs = trends.findability
        table = tabulate_findability(t, runs, zone=zone)
        _show(t, "findability", t("trends_findability_lead"), table, lambda: draw_findability(t, runs, zone=zone), kinds=findability_kinds(t))
    effects = tabulate_effects(t, trends.effects, zone=zone)
    drawn = [effect for effect in trends.effects if effect.change]
    _show(t, "effects", t("trends_effects_lead"), effects, lambda: draw_effects(t, drawn, zone=zone), folded=False, has_picture=bool(drawn))


def _list_pictures(t: Messages) -> Sequence[Picture]:
    results = ("requests", "confirmed", "implicit", "unknown", "unresolved")
    return (
        Picture("demand", t("trends_demand"), t("trends_demand_lead"), ("searches", "requests"), lambda week: week.requests, trend_charts.demand_kinds(t)),
        Picture("failed", t("trends_failed"), t("trends_failed_lead"), ("requests", "failed"), lambda week: week.failed.whole),
        Picture("results", t("trends_results"), t("trends_results_lead"), results, lambda week: week.requests, trend_charts.result_kinds(t)),
        Picture("waits", t("trends_wait"), t("trends_wait_lead"), ("wait", "helped"), lambda week: week.helped),
        Picture(
            "gaps", t("trends_gaps"), t("trends_gaps_lead"), ("opened", "closed", "reopened"),
            lambda week: week.gaps_opened or week.gaps_closed or week.gaps_reopened, trend_charts.gap_kinds(t),
        ),
        Picture("closing", t("trends_days_to_close"), t("trends_closing_lead"), ("closed", "days"), lambda week: week.days_to_close is not None),
    )  # fmt: skip


def _show(
    t: Messages, name: str, lead: str, table: Table, draw_chart: Callable[[], alt.Chart], *, kinds: Sequence[Kind] = (), folded: bool = True, has_picture: bool = True
) -> None:
    with st.container(key=f"trend_{name}"):
        draw("part_head", title=table.title, lead=lead)
        if table.rows and has_picture:
            if kinds:
                draw("trend_legend", kinds=kinds)
            st.altair_chart(draw_chart(), width="stretch", theme="streamlit", key=f"trend_chart_{name}", alt=table.title)
        draw("figure_table", t=t, table=table, folded=folded)
