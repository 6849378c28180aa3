"""What is kept of one person: found by contact, reference or pseudonym, handed over, or erased."""

from __future__ import annotations

import streamlit as st

from portal.components.downloads import offer_file
from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.exporting import write_json
from portal.guard import guarded, need
from portal.visitor import read_visitor

ERASED = "records erased"


@guarded("lead")
def erase(who: dict[str, str]) -> None:
    """Erase in the name of whoever is signed in at this moment, if they said that they are sure."""
    if st.session_state.get("sure"):
        current_knowledge().desk(need("lead")).erase_person(**who)
        st.session_state[ERASED] = True


knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_records") if visitor.is_staff else "")
with page_frame(visitor, page="records"):
    account = need("agent")
    draw("staff_lead", title=t("staff_records"), lead=t("records_lead"))
    with st.container(key="gap_page"):
        with st.form("who", border=False):
            given = {
                "contact": st.text_input(t("records_contact"), key="contact"),
                "reference": st.text_input(t("records_reference"), key="reference"),
                "pseudonym": st.text_input(t("records_pseudonym"), key="pseudonym"),
            }
            st.form_submit_button(t("records_find"), type="primary")
        if st.session_state.pop(ERASED, False):
            st.success(t("records_erased"))
        who = next(({name: value.strip()} for name, value in given.items() if value.strip()), None)
        if who:
            counts = knowledge.desk(account).count_person(**who)
            draw("gaps_note", text=t("records_found", **counts) if any(counts.values()) else t("records_none"))
            if any(counts.values()):
                offer_file(
                    t("records_download"), lambda taker: write_json(knowledge.desk(taker).export_person(**who)), "person.json", "application/json",
                    key="person_json", is_noted=False,
                )  # fmt: skip
                if account.may("lead"):
                    st.checkbox(t("records_erase_sure"), key="sure")
                    st.button(t("records_erase"), key="erase", on_click=erase, args=(who,))
                else:
                    draw("gaps_note", text=t("records_only_leads"))
