"""What the pictures of figures have in common, as Vega-Lite: colours, axes, lines. Values come along with each picture, so nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from portal.messages import Messages

# Told apart without seeing colour well, and 3 : 1 against the page in light and in dark (WCAG 1.4.11). Nothing is told by colour alone.
BLUE, SKY, GREY, ORANGE = "#2f6fb5", "#4c97d6", "#8a8f99", "#d0661f"
HEIGHT = 200
PALE = 0.4
"""Opacity of bars of what is not over."""
IS_OVER = alt.datum.over == True  # noqa: E712  an expression of Vega, not of Python
_MANY_DAYS = 60


@dataclass(frozen=True)
class Kind:
    """One of several things in a picture: what it is called, its colour, and the form that tells it from the others without colour."""

    words: str
    colour: str
    form: str = "square"
    dash: tuple[int, int] = (1, 0)


def day_axis(t: Messages, days: Sequence[str]) -> alt.X:
    """The days 'YYYY-MM-DD' from left to right, also those without a figure: a hole in the figures is a hole in the picture.

    Ordinal, and read in UTC: no time zone of a browser moves a day. As many are named as the width has room for.
    """
    ordered = sorted(set(days))
    form = t("axis_month") if len(ordered) > _MANY_DAYS else t("axis_day")
    axis = alt.Axis(labelExpr=f"utcFormat(toDate(datum.value), '{form}')", labelAngle=0, labelOverlap="greedy", labelSeparation=12, ticks=False, labelPadding=8)
    return alt.X("day:O", title=None, axis=axis, scale=alt.Scale(domain=ordered))


def percent_axis(**more: object) -> alt.Axis:
    return alt.Axis(format=".0%", tickCount=5, **more)


def number_axis(unit: str = "") -> alt.Axis:
    """Whole numbers with their unit behind them."""
    return alt.Axis(format="d", tickMinStep=1, tickCount=5, labelExpr=f"datum.label + {json.dumps(unit)}")


def colours_of(kinds: Sequence[Kind]) -> alt.Color:
    """The kinds' colours; what they mean is written beside the picture, where it can wrap."""
    return alt.Color("kind:N", title=None, scale=alt.Scale(domain=[kind.words for kind in kinds], range=[kind.colour for kind in kinds]), legend=None)


def draw_lines(t: Messages, rows: Sequence[dict], kinds: Sequence[Kind], *, days: Sequence[str], y: alt.Y) -> alt.LayerChart:
    """A line of `value` over `day` for each kind, with holes where there is no row; hollow points where `over` is false."""
    words = [kind.words for kind in kinds]
    base = chart_of(rows).encode(x=day_axis(t, days), y=y, color=colours_of(kinds), tooltip=tell(t, "told", "kind"))
    dashes = alt.StrokeDash("kind:N", scale=alt.Scale(domain=words, range=[list(kind.dash) for kind in kinds]), legend=None)
    shapes = alt.Shape("kind:N", scale=alt.Scale(domain=words, range=[kind.form for kind in kinds]), legend=None)
    full = alt.condition(IS_OVER, colours_of(kinds), alt.value("transparent"))
    points = base.mark_point(size=50, strokeWidth=2, opacity=1).encode(shape=shapes, fill=full)
    return finish(alt.layer(base.mark_line(strokeWidth=2).encode(strokeDash=dashes), points))


def tell(t: Messages, *fields: str) -> list[alt.Tooltip]:
    """What a pointer is told: when, and these fields."""
    titles = {"when": t("trends_when"), "told": t("trends_figure"), "kind": t("trends_kind"), "title": t("trends_article"), "change": t("trends_change")}
    return [alt.Tooltip(f"{field}:N", title=titles[field]) for field in ("when", *fields)]


def chart_of(rows: Sequence[dict]) -> alt.Chart:
    return alt.Chart(alt.Data(values=list(rows)))


def finish(chart: alt.Chart | alt.LayerChart, *, height: int = HEIGHT) -> alt.Chart | alt.LayerChart:
    return chart.properties(height=height).configure_view(strokeWidth=0)
