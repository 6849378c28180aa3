"""Rows of figures as files to keep: CSV and an Excel workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from portal.exporting import write_csv
from portal.messages import Messages
from portal.spreadsheets import write_xlsx

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer_files(t: Messages, rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, name: str, title: str) -> None:
    """Two buttons; a file is written when it is asked for. `name` is the files' name, `title` the sheet's."""
    files = (
        ("csv", t("gaps_export_csv"), "text/csv", lambda: write_csv(rows, columns)),
        ("xlsx", t("figures_excel"), EXCEL, lambda: write_xlsx(rows, columns, title=title)),
    )
    with st.container(key=f"files_{name}", horizontal=True):
        for kind, words, media, write in files:
            st.download_button(words, write, f"{name}.{kind}", media, on_click="ignore", icon=":material/download:", key=f"{kind}_{name}")
