"""The pictures of what publishing changed, and of whether what worked still works."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import altair as alt

from feedback.effects import Effect
from feedback.findability import Findability
from feedback.periods import day_of
from portal.chart_parts import BLUE, GREY, ORANGE, Kind, chart_of, draw_lines, finish, percent_axis, tell
from portal.messages import Messages
from portal.trend_words import say_change, say_day, say_part_of

ROW = 46
DRAWN = 12
"""So many publications are drawn, the latest; the table has them all."""
_TITLE = 320
_IS_SURE = alt.datum.sure == True  # noqa: E712  an expression of Vega, not of Python


def findability_kinds(t: Messages) -> tuple[Kind, ...]:
    return Kind(t("trends_found"), BLUE, "circle"), Kind(t("trends_first"), ORANGE, "square", (6, 3))


def draw_findability(t: Messages, runs: Sequence[Findability], *, zone: ZoneInfo) -> alt.LayerChart:
    """Shares of the standing searches whose article is on the first page, and comes first, at each change of the index."""
    kinds, rows = findability_kinds(t), []
    for run in runs:
        day = day_of(run.at, zone)
        for kind, part in zip(kinds, (run.found, run.first), strict=True):
            if run.searches:
                rows.append(
                    {"day": day.isoformat(), "when": say_day(t, day), "over": True, "kind": kind.words, "value": part / run.searches, "told": say_part_of(t, part, run.searches)}
                )
    return draw_lines(t, rows, kinds, days=[row["day"] for row in rows], y=alt.Y("value:Q", title=None, axis=percent_axis(), scale=alt.Scale(domain=(0, 1))))


def draw_effects(t: Messages, effects: Sequence[Effect], *, zone: ZoneInfo) -> alt.LayerChart:
    """The change of each of the latest publications that have one, with its interval: a row each, newest above. Right of nought is better;
    hollow and grey where the interval holds nought."""
    rows = []
    for effect in [effect for effect in effects if effect.change][:DRAWN]:
        middle, low, high = effect.change
        # Two publications of one article are two rows: the number keeps them apart and is not shown.
        key = f"{len(rows):02}{effect.title}"
        told = {"title": effect.title, "when": say_day(t, day_of(effect.published_at, zone)), "change": say_change(t, effect.change)}
        rows.append(told | {"row": key, "middle": middle, "low": low, "high": high, "sure": low > 0 or high < 0})
    # The title stands above its row, not left of it: on a phone there is no room beside the picture.
    titles = alt.Axis(
        labelAlign="left", labelBaseline="bottom", labelOffset=-9, labelPadding=0, labelLimit=_TITLE, labelFontSize=13, ticks=False, domain=False, grid=False,
        labelExpr="slice(datum.label, 2)",
    )  # fmt: skip
    reach = max(max(abs(row["low"]), abs(row["high"])) for row in rows)
    points = alt.Axis(labelExpr="(datum.value > 0 ? '+' : datum.value < 0 ? '−' : '') + format(abs(datum.value) * 100, '.0f')", tickCount=5)
    base = chart_of(rows).encode(y=alt.Y("row:N", title=None, axis=titles, sort=None), tooltip=tell(t, "title", "change"))
    colour = alt.condition(_IS_SURE, alt.value(BLUE), alt.value(GREY))
    x = alt.X("low:Q", title=t("trends_points_axis"), scale=alt.Scale(domain=(-reach, reach), nice=True), axis=points)
    nought = chart_of([{}]).mark_rule(color=GREY, strokeDash=[4, 3]).encode(x=alt.datum(0))
    whiskers = base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q", color=colour)
    dots = base.mark_point(size=90, strokeWidth=2, opacity=1).encode(
        x=alt.X("middle:Q", title=t("trends_points_axis")), color=colour, fill=alt.condition(_IS_SURE, alt.value(BLUE), alt.value("transparent"))
    )
    return finish(alt.layer(nought, whiskers, dots), height=ROW * len(rows) + 20)
