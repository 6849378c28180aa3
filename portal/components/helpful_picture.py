"""How helpful customers call the articles that they vote on most: a dot for each share, a line for how sure it is."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import streamlit as st

from feedback.article_figures import ArticleFigures
from portal.addresses import address
from portal.drawing import draw
from portal.figure_words import say_interval, say_share
from portal.messages import Messages
from portal.tile_labels import SIZE

MOST = 20
# Pixels: an article's share of the height; from its middle up to the words, and down to the line.
ROW, ABOVE, BELOW = 38, 8, 6
# Both stand out from a light page and from a dark one, for colour-blind people too; the bad ones are diamonds besides.
GOOD, BAD = "#4a7fd6", "#d0661f"


def show_helpful(t: Messages, articles: Sequence[ArticleFigures]) -> None:
    """The picture of those with most votes, the least helpful first; nothing without votes. Its table is that of the articles."""
    voted = sorted((one for one in articles if one.helpful.whole), key=lambda one: -one.helpful.whole)[:MOST]
    if not voted:
        return
    voted.sort(key=lambda one: (one.helpful.value, -one.helpful.whole))
    draw("part_head", title=t("helpful_title"), lead=t("helpful_lead"))
    with st.container(key="helpful_picture"):
        says = t("helpful_says", count=len(voted), worst=voted[0].title, share=say_share(t, voted[0].helpful))
        st.altair_chart(_chart([_row(t, one) for one in voted], t), width="stretch", theme="streamlit", alt=says)


def _row(t: Messages, one: ArticleFigures) -> dict[str, object]:
    low, high = one.helpful.interval
    return {
        "id": one.id, "title": one.title, "share": one.helpful.value, "low": low, "high": high, "is_bad": "voted_down" in one.flags,
        "votes": t("figure_few", part=one.helpful.part, whole=one.helpful.whole), "interval": say_interval(one.helpful), "href": address("article", id=one.id),
    }  # fmt: skip


def _chart(rows: Sequence[dict[str, object]], t: Messages) -> alt.LayerChart:
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("id:N", axis=None, sort=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        href="href:N",
        tooltip=[alt.Tooltip(f"{field}:N", title=words) for field, words in _tip_words(t).items()],
    )
    x = alt.X("low:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format=".0%", tickCount=5, orient="top", grid=True))
    colour = alt.condition(alt.datum.is_bad, alt.value(BAD), alt.value(GOOD))
    shape = alt.condition(alt.datum.is_bad, alt.value("diamond"), alt.value("circle"))
    below = {"yOffset": BELOW}
    line = base.mark_rule(strokeWidth=3, opacity=0.55, **below).encode(x=x, x2="high:Q", color=colour)
    dot = base.mark_point(filled=True, size=110, opacity=1, **below).encode(x="share:Q", color=colour, shape=shape)
    names = {"align": "left", "baseline": "middle", "dx": 2, "dy": -ABOVE, "fontSize": SIZE, "color": "currentColor", "aria": False}
    words = base.mark_text(limit=alt.ExprRef("width - 70"), **names).encode(x=alt.value(0), text="title:N")
    votes = base.mark_text(**{**names, "align": "right", "dx": -2}).encode(x=alt.value("width"), text="votes:N")
    return alt.layer(line, dot, words, votes).properties(height=ROW * len(rows)).configure_view(stroke=None)


def _tip_words(t: Messages) -> dict[str, str]:
    return {"title": t("figures_article"), "votes": t("coverage_helpful"), "interval": t("coverage_interval")}
