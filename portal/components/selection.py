"""What a lead looks at, a period, a product and a language: chosen above every page of figures, and kept by the links between them."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from feedback.periods import Period, Selection
from kb.settings import LANGUAGES
from portal.addresses import address
from portal.components.choosing import choose_any
from portal.drawing import draw
from portal.lead import LeadDesk
from portal.messages import Messages

PERIODS = (7, 28, 90, 182, 365)
USUAL = 28
# So far back can dates be chosen.
LONGEST = timedelta(days=5 * 366)
# What of an address says what is selected.
SELECTED = ("days", "from", "to", "product", "asked")
_BETWEEN = "between"


def choose_selection(t: Messages, desk: LeadDesk) -> Selection:
    """What is chosen; stands in the container `gap_page`, below the head. It lives in the address as `days`, or `from` and `to`, `product` and `asked`. What the address misspells is not chosen."""
    with st.container(key="selection", horizontal=True):
        period = _choose_period(t, desk)
        product = choose_any(t, t("gaps_filter_product"), "product", {name: name for name in desk.products()})
        lang = choose_any(t, t("gaps_filter_lang"), "asked", {name: t.language(name) for name in LANGUAGES})
    return Selection(period, product, lang)


def selection_address(page: str, /, **parameters: object) -> str:
    """The address of a page for leads with what is selected here; `parameters` come on top."""
    here = {name: st.query_params.get(name) for name in SELECTED}
    return address(page, **{**here, **parameters})


def show_lead_head(t: Messages, *, page: str, title: str, lead: str, lead_lang: str = "", is_below: bool = False) -> None:
    """Title and first sentence of a page for leads, and the way to the others with the same selection. `page` is the one that is shown as here,
    or below which this one stands; `lead_lang` is the language of the sentence where it is not the reader's."""
    draw("lead_head", t=t, page=page, title=title, lead=lead, lead_lang=lead_lang, is_below=is_below, keep=selection_address)


def say_period(t: Messages, period: Period) -> str:
    """Its first and last day as the reader writes them."""
    return t("period_between", first=t.day(period.first), last=t.day(period.last))


def _choose_period(t: Messages, desk: LeadDesk) -> Period:
    first, last = _dates_in_address(desk.today())
    given = st.query_params.get("days", "")
    usual = given if given.isascii() and given.isdigit() and int(given) in PERIODS else str(USUAL)

    def remember() -> None:
        chosen = st.session_state.get("choose days")
        for name in ("days", "from", "to"):
            st.query_params.pop(name, None)
        if chosen == _BETWEEN:
            shown = desk.last_days(int(usual))
            st.query_params.update({"from": shown.first.isoformat(), "to": shown.last.isoformat()})
        elif chosen not in (None, str(USUAL)):
            st.query_params["days"] = chosen

    names = {**{str(each): t("gaps_days", days=each) for each in PERIODS}, _BETWEEN: t("select_between")}
    start = _BETWEEN if first else usual
    chosen = st.selectbox(t("gaps_filter_days"), tuple(names), index=tuple(names).index(start), key="choose days", format_func=names.get, on_change=remember)
    if chosen != _BETWEEN or not first:
        return desk.last_days(int(usual))
    return _choose_dates(t, first, last, desk)


def _choose_dates(t: Messages, first: date, last: date, desk: LeadDesk) -> Period:
    today = desk.today()

    def remember() -> None:
        for name, key in (("from", "select_from"), ("to", "select_to")):
            if day := st.session_state.get(key):
                st.query_params[name] = day.isoformat()

    limits = {"min_value": today - LONGEST, "max_value": today, "format": "YYYY-MM-DD", "on_change": remember}
    begin = st.date_input(t("select_from"), first, key="select_from", **limits)
    end = st.date_input(t("select_to"), last, key="select_to", **limits)
    # Whichever is given first: a period is the days between two dates.
    return desk.period(*sorted((begin or first, end or last)))


def _dates_in_address(today: date) -> tuple[date, date] | tuple[None, None]:
    """The two dates that the address names, within what can be chosen; None twice when it names no two."""
    try:
        given = [date.fromisoformat(st.query_params.get(name, "")) for name in ("from", "to")]
    except ValueError:
        return None, None
    first, last = sorted(min(max(day, today - LONGEST), today) for day in given)
    return first, last
