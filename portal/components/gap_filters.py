"""The filters above the gap list; each lives in the address, so that a filtered list can be shared."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from feedback.gap_list import GapFilter
from feedback.gaps import GAP_KINDS, STATES
from kb.settings import LANGUAGES
from portal.components.choosing import choose, choose_any
from portal.messages import Messages

PERIODS = (7, 28, 90, 180, 365)


def choose_filter(t: Messages, *, products: Sequence[str], owners: Sequence[str], days: int) -> GapFilter:
    """The filter that is chosen; `days` is the period when none is."""
    states = {"active": t("gaps_active"), **{name: t(f"gap_state_{name}") for name in STATES}, "all": t("gaps_all")}
    periods = {str(each): t("gaps_days", days=each) for each in sorted({*PERIODS, days})}
    with st.container(key="gap_filters", horizontal=True):
        kind = choose_any(t, t("gaps_filter_kind"), "kind", {name: t(f"kind_{name}") for name in GAP_KINDS})
        state = choose(t("gaps_filter_state"), "state", states, default="active")
        lang = choose_any(t, t("gaps_filter_lang"), "asked", {name: t.language(name) for name in LANGUAGES})
        product = choose_any(t, t("gaps_filter_product"), "product", {name: name for name in products})
        owner = choose_any(t, t("gaps_filter_owner"), "owner", {name: name for name in owners})
        period = choose(t("gaps_filter_days"), "days", periods, default=str(days))
    return GapFilter(kind=kind, lang=lang, product=product, owner=owner, state=state, days=float(period))
