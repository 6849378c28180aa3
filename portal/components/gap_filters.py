"""The filters above the gap list; each lives in the address, so that a filtered list can be shared."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feedback.gap_list import GapFilter
from feedback.gaps import GAP_KINDS, STATES
from kb.settings import LANGUAGES
from portal.messages import Messages

PERIODS = (7, 28, 90, 180, 365)
ANY = "any"


def choose_filter(t: Messages, *, products: Sequence[str], owners: Sequence[str], days: int) -> GapFilter:
    """The filter that is chosen; `days` is the period when none is."""
    with st.container(key="gap_filters", horizontal=True):
        kind = _choose(t("gaps_filter_kind"), "kind", GAP_KINDS, {name: t(f"kind_{name}") for name in GAP_KINDS}, t)
        states = {"active": t("gaps_active"), **{name: t(f"gap_state_{name}") for name in STATES}, "all": t("gaps_all")}
        state = st.selectbox(t("gaps_filter_state"), list(states), format_func=states.get, key="state", bind="query-params")
        lang = _choose(t("gaps_filter_lang"), "asked", LANGUAGES, {name: t.language(name) for name in LANGUAGES}, t)
        product = _choose(t("gaps_filter_product"), "product", products, {}, t) if products else ""
        owner = _choose(t("gaps_filter_owner"), "owner", owners, {}, t) if owners else ""
        periods = tuple(sorted({*PERIODS, days}))
        period = st.selectbox(
            t("gaps_filter_days"), periods, index=periods.index(days), format_func=lambda each: t("gaps_days", days=each), key="days", bind="query-params"
        )
    return GapFilter(kind=kind, lang=lang, product=product, owner=owner, state=state or "active", days=float(period or days))


def _choose(label: str, key: str, values: Sequence[str], names: dict[str, str], t: Messages) -> str:
    chosen = st.selectbox(
        label, (ANY, *values), format_func=lambda value: t("gaps_any") if value == ANY else names.get(value, value), key=key, bind="query-params"
    )
    return "" if chosen in (None, ANY) else chosen
