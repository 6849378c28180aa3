"""Files to take along: who takes one is asked when it is written, and the audit log has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from kb.accounts import Account
from portal.current import current_knowledge
from portal.exporting import write_csv
from portal.guard import need_later
from portal.messages import Messages
from portal.spreadsheets import write_xlsx

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer_file(
    words: str, write: Callable[[Account], str | bytes], name: str, media: str, *, key: str, role: str = "agent", is_noted: bool = True
) -> None:  # fmt: skip
    """A button for a file of that name. `write` makes its content when the button is pressed, for the account that has the role then; without one
    there is no file. The audit log names it, unless what writes it leaves a line of its own (`is_noted` False)."""
    ask = need_later(role)

    def take() -> str | bytes:
        account = ask()
        content = write(account)
        if is_noted:
            current_knowledge().desk(account).note_export(name)
        return content

    st.download_button(words, take, name, media, on_click="ignore", icon=":material/download:", key=key)


def offer_files(t: Messages, rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, name: str, title: str) -> None:
    """Two buttons for a lead's rows, as CSV and as a workbook. `name` is the files' name, `title` the sheet's."""
    files = (
        ("csv", t("gaps_export_csv"), "text/csv", lambda _: write_csv(rows, columns)),
        ("xlsx", t("figures_excel"), EXCEL, lambda _: write_xlsx(rows, columns, title=title)),
    )
    with st.container(key=f"files_{name}", horizontal=True):
        for kind, words, media, write in files:
            offer_file(words, write, f"{name}.{kind}", media, key=f"{kind}_{name}", role="lead")
