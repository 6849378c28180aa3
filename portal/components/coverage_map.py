"""The coverage map on the page: one chart laid out for a wide window, one for a phone, of which the look shows the one that fits."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import altair as alt
import streamlit as st

from feedback.coverage import Coverage, TopicFigures
from portal.coverage_map import NEUTRAL, PAD, STEPS, CoverageMap, draw_map
from portal.drawing import draw
from portal.messages import Messages
from portal.tile_labels import LINE, SIZE

WIDE, NARROW = {"width": 1072, "height": 560}, {"width": 354, "height": 760}
GAP = 2
NO_PADDING = {"left": 0, "top": 0, "right": 0, "bottom": 0}


def show_map(t: Messages, coverage: Coverage, *, titles: Mapping[str, str], link: Callable[[TopicFigures], str], rest: str, says: str) -> None:
    """The map of coverage that holds a request, with its legend. `says` is the picture in words."""
    for key, size in (("coverage_wide", WIDE), ("coverage_narrow", NARROW)):
        drawn = draw_map(coverage, t, titles=titles, link=link, rest=rest, **size)
        with st.container(key=key):
            st.altair_chart(_chart(drawn, t), width="stretch", theme="streamlit", alt=says)
    bounds = [0.0, *(most for most, _, _ in STEPS)]
    steps = [(f"{100 * low:.0f}–{100 * high:.0f}%", fill) for low, (high, fill, _) in zip(bounds, STEPS, strict=False)]
    draw("coverage_legend", t=t, steps=steps, neutral=NEUTRAL[0])


def _chart(drawn: CoverageMap, t: Messages) -> alt.LayerChart:
    x = alt.X("left:Q", axis=None, scale=alt.Scale(domain=[0, drawn.width], nice=False, zero=False))
    y = alt.Y("top:Q", axis=None, scale=alt.Scale(domain=[0, drawn.height], nice=False, zero=False, reverse=True))
    tips = [alt.Tooltip(f"{field}:N", title=words) for field, words in _tip_words(t).items()]
    tiles = alt.Chart(alt.Data(values=_tile_rows(drawn)))
    heads = alt.Chart(alt.Data(values=[{"left": box.left, "top": box.top, "right": box.left + box.width, "name": name} for box, name in drawn.heads]))
    # The window may be narrower than the layout: words are then cut where their tile ends.
    room = alt.ExprRef(f"max(1, (datum.right - datum.left) * width / {drawn.width} - {2 * PAD})")
    words = {"align": "left", "baseline": "top", "dx": PAD, "fontSize": SIZE, "lineHeight": LINE, "lineBreak": "\n", "limit": room, "tooltip": None, "aria": False}
    rectangles = tiles.mark_rect(x2Offset=-GAP, y2Offset=-GAP, cornerRadius=3).encode(
        x=x, x2="right:Q", y=y, y2="bottom:Q", color=alt.Color("fill:N", scale=None), href="href:N", tooltip=tips, description="says:N"
    )
    inks = {"x": x, "color": alt.Color("ink:N", scale=None), "href": "href:N"}
    lines = tiles.mark_text(dy=PAD, **words).encode(y=y, text="lines:N", **inks)
    figures = tiles.mark_text(dy=PAD, fontWeight="bold", **words).encode(y=alt.Y("below:Q", axis=None), text="figures:N", **inks)
    strips = heads.mark_text(**{**words, "dx": 1, "dy": 4}, fontWeight="bold", color="currentColor").encode(x=x, y=y, text="name:N")
    return alt.layer(rectangles, lines, figures, strips).properties(height=drawn.height, padding=NO_PADDING).configure_view(stroke=None)


def _tip_words(t: Messages) -> dict[str, str]:
    return {
        "name": t("coverage_topic"), "requests": t("coverage_requests"), "answered": t("coverage_answered"), "interval": t("coverage_interval"),
        "cost": t("coverage_cost"),
    }  # fmt: skip


def _tile_rows(drawn: CoverageMap) -> list[dict[str, object]]:
    return [
        {
            "left": tile.box.left, "right": tile.box.left + tile.box.width, "top": tile.box.top, "bottom": tile.box.top + tile.box.height,
            "below": tile.box.top + LINE * (tile.lines.count("\n") + 1 if tile.lines else 0), "name": tile.name, "lines": tile.lines,
            "figures": tile.figures, "fill": tile.fill, "ink": tile.ink, "href": tile.href or None, "requests": tile.requests, "answered": tile.answered,
            "interval": tile.interval, "cost": tile.cost or "–", "says": f"{tile.name}: {tile.answered}, {tile.requests}",
        }
        for tile in drawn.tiles
    ]  # fmt: skip
