"""What became of each article, narrowed by what is wrong with it; translations that are wanted; who closed gaps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from feedback.article_figures import FLAGS, ArticleFigures
from feedback.people_figures import PersonFigures
from kb.settings import LANGUAGES
from portal.components.downloads import offer_files
from portal.components.selection import selection_address
from portal.drawing import draw
from portal.figure_words import NOTHING, say_interval, say_number, say_share
from portal.messages import Messages
from portal.report_rows import ARTICLE_COLUMNS, PERSON_COLUMNS, describe_article, describe_person

PAGE = 50
WANTED = 10


def show_wanted(t: Messages, articles: Sequence[ArticleFigures]) -> None:
    """Articles that customers need in a language in which they are not written, the most wanted first; nothing when there are none."""
    wanted = sorted((one for one in articles if one.wanted_translation), key=lambda one: -one.wanted_translation)[:WANTED]
    others = {lang: [other for other in LANGUAGES if other != lang] for lang in LANGUAGES}
    if wanted:
        draw("wanted_translations", t=t, articles=wanted, others=others, say_number=say_number)


def show_articles(t: Messages, articles: Sequence[ArticleFigures]) -> None:
    """The articles, or those with the flag that the address names as `flag`; a page at a time, and as files."""
    counts = Counter(flag for one in articles for flag in one.flags)
    asked = st.query_params.get("flag", "")
    flag = asked if asked in FLAGS else ""
    shown = [one for one in articles if not flag or flag in one.flags]
    draw("article_flags", t=t, flags=FLAGS, counts=counts, chosen=flag, whole=len(articles), keep=selection_address)
    table = st.container()
    pages = -(-len(shown) // PAGE)
    # Named after how many there are: another selection begins at its first page.
    page = st.pagination(pages, key=f"page_{pages}") if pages > 1 else 1
    with table:
        draw(
            "article_figures", t=t, articles=shown[(page - 1) * PAGE : page * PAGE], keep=selection_address, nothing=NOTHING,
            say_number=say_number, say_share=say_share, say_interval=say_interval,
        )  # fmt: skip
    offer_files(t, [describe_article(one) for one in shown], ARTICLE_COLUMNS, name="articles", title=t("performance_articles"))


def show_people(t: Messages, people: Sequence[PersonFigures]) -> None:
    """Who closed gaps, and with what proof; nothing about what anybody reads."""
    draw("people", t=t, people=people)
    if people:
        offer_files(t, [describe_person(one) for one in people], PERSON_COLUMNS, name="people", title=t("performance_people"))
