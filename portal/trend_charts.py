"""The pictures of the weeks. Every picture has its table beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import altair as alt

from feedback.trends import Week
from portal import chart_parts as parts
from portal.chart_parts import Kind
from portal.figure_words import say_number
from portal.messages import Messages
from portal.trend_words import say_days, say_part_of, say_seconds, say_sure_share, say_week


def demand_kinds(t: Messages) -> tuple[Kind, ...]:
    return Kind(t("trends_searches"), parts.BLUE, "circle"), Kind(t("trends_requests"), parts.ORANGE, "square", (6, 3))


def result_kinds(t: Messages) -> tuple[Kind, ...]:
    """In the order in which they stand on each other, from below."""
    return Kind(t("gaps_confirmed"), parts.BLUE), Kind(t("gaps_implicit"), parts.SKY), Kind(t("gaps_unknown"), parts.GREY), Kind(t("gaps_unresolved"), parts.ORANGE)


def gap_kinds(t: Messages) -> tuple[Kind, ...]:
    """In the order in which they stand beside each other."""
    return Kind(t("trends_opened"), parts.GREY), Kind(t("trends_closed"), parts.BLUE), Kind(t("trends_reopened"), parts.ORANGE)


def draw_demand(t: Messages, weeks: Sequence[Week]) -> alt.LayerChart:
    """Searches and requests."""
    kinds = demand_kinds(t)
    rows = [
        row | {"kind": kind.words, "value": number, "told": say_number(number)}
        for week, row in _rows(t, weeks) for kind, number in zip(kinds, (week.searches, week.requests), strict=True)
    ]  # fmt: skip
    return parts.draw_lines(t, rows, kinds, days=_days(weeks), y=alt.Y("value:Q", title=None, axis=parts.number_axis()))


def draw_failed(t: Messages, weeks: Sequence[Week]) -> alt.LayerChart:
    """Share of requests whose last search failed, its interval as a band; hollow where few were counted or the week is not over."""
    rows = []
    for week, row in _rows(t, weeks):
        if week.failed.whole:
            low, high = week.failed.interval
            sure = {"over": week.is_whole and not week.failed.is_few, "told": say_sure_share(t, week.failed)}
            rows.append(row | sure | {"value": week.failed.value, "low": low, "high": high})
    base = parts.chart_of(rows).encode(x=parts.day_axis(t, _days(weeks)), tooltip=parts.tell(t, "told"))
    y = alt.Y("value:Q", title=None, axis=parts.percent_axis(), scale=alt.Scale(domainMin=0))
    band = base.mark_area(color=parts.ORANGE, opacity=0.22).encode(y=alt.Y("low:Q", title=None), y2="high:Q")
    points = base.mark_point(size=50, color=parts.ORANGE, strokeWidth=2, opacity=1).encode(y=y, fill=alt.condition(parts.IS_OVER, alt.value(parts.ORANGE), alt.value("transparent")))
    return parts.finish(alt.layer(band, base.mark_line(color=parts.ORANGE, strokeWidth=2).encode(y=y), points))


def draw_results(t: Messages, weeks: Sequence[Week]) -> alt.Chart:
    """What requests came to, as parts of each week's requests. No two parts are ever one."""
    kinds, rows = result_kinds(t), []
    for week, row in _rows(t, weeks):
        begin = 0
        for kind, number in zip(kinds, (week.confirmed, week.implicit, week.unknown, week.unresolved), strict=True):
            if number:
                ends = {"low": begin / week.requests, "high": (begin + number) / week.requests}
                rows.append(row | ends | {"kind": kind.words, "told": say_part_of(t, number, week.requests)})
            begin += number
    y = alt.Y("low:Q", title=None, axis=parts.percent_axis(), scale=alt.Scale(domain=(0, 1)))
    chart = parts.chart_of(rows).mark_bar(yOffset=0.5, y2Offset=-0.5).encode(x=_bands(t, weeks), y=y, y2="high:Q", color=parts.colours_of(kinds), tooltip=parts.tell(t, "told", "kind"))
    return parts.finish(chart.encode(opacity=_pale()))


def draw_waits(t: Messages, weeks: Sequence[Week]) -> alt.LayerChart:
    """Median seconds to the article that helped."""
    rows = [row | {"value": week.seconds_to_help, "told": say_seconds(t, week.seconds_to_help)} for week, row in _rows(t, weeks) if week.helped]
    return _draw_line(t, rows, weeks, unit=t("figure_seconds", number=""))


def draw_gaps(t: Messages, weeks: Sequence[Week]) -> alt.Chart:
    """Gaps opened, closed and reopened."""
    kinds = gap_kinds(t)
    rows = [
        row | {"kind": kind.words, "value": number, "told": f"{number}"}
        for week, row in _rows(t, weeks) for kind, number in zip(kinds, (week.gaps_opened, week.gaps_closed, week.gaps_reopened), strict=True)
    ]  # fmt: skip
    beside = alt.XOffset("kind:N", scale=alt.Scale(domain=[kind.words for kind in kinds]))
    y = alt.Y("value:Q", title=None, axis=parts.number_axis(), stack=None)
    return parts.finish(parts.chart_of(rows).mark_bar().encode(x=_bands(t, weeks), xOffset=beside, y=y, color=parts.colours_of(kinds), opacity=_pale(), tooltip=parts.tell(t, "told", "kind")))


def draw_closing(t: Messages, weeks: Sequence[Week]) -> alt.LayerChart:
    """Median days from a gap's opening to its closing."""
    rows = [row | {"value": week.days_to_close, "told": say_days(t, week.days_to_close)} for week, row in _rows(t, weeks) if week.days_to_close is not None]
    return _draw_line(t, rows, weeks, unit=t("figure_days", number=""))


CHARTS: dict[str, Callable[[Messages, Sequence[Week]], alt.Chart | alt.LayerChart]] = {
    "demand": draw_demand, "failed": draw_failed, "results": draw_results, "waits": draw_waits, "gaps": draw_gaps, "closing": draw_closing,
}  # fmt: skip


def _rows(t: Messages, weeks: Sequence[Week]) -> Iterator[tuple[Week, dict[str, object]]]:
    """Each week with what all its rows have: its Monday, its days in words, whether it is over."""
    return ((week, {"day": week.period.first.isoformat(), "over": week.is_whole, "when": say_week(t, week)}) for week in weeks)


def _days(weeks: Sequence[Week]) -> list[str]:
    return [week.period.first.isoformat() for week in weeks]


def _bands(t: Messages, weeks: Sequence[Week]) -> alt.X:
    axis = parts.day_axis(t, _days(weeks))
    axis.scale.paddingInner, axis.scale.paddingOuter = 0.2, 0.1
    return axis


def _pale() -> alt.condition:
    return alt.condition(parts.IS_OVER, alt.value(1), alt.value(parts.PALE))


def _draw_line(t: Messages, rows: Sequence[dict], weeks: Sequence[Week], *, unit: str) -> alt.LayerChart:
    one = Kind("", parts.BLUE, "circle")
    y = alt.Y("value:Q", title=None, scale=alt.Scale(domainMin=0), axis=parts.number_axis(unit))
    return parts.draw_lines(t, [row | {"kind": one.words} for row in rows], [one], days=_days(weeks), y=y)
