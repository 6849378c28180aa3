"""A report to print, and as files to keep."""

from __future__ import annotations

import streamlit as st

from portal.components.downloads import EXCEL, offer_file
from portal.drawing import draw
from portal.messages import Messages
from portal.report_files import write_report_workbook
from portal.report_html import write_html
from portal.report_text import write_markdown
from portal.reporting import Report, name_file


def offer_report(t: Messages, report: Report) -> None:
    """A button that prints, and one for each kind of file, which is written when it is asked for."""
    files = (
        ("xlsx", t("figures_excel"), EXCEL, lambda _: write_report_workbook(report, warning=t("demonstration"))),
        ("md", t("report_markdown"), "text/markdown", lambda _: write_markdown(t, report)),
        ("html", t("report_html"), "text/html", lambda _: write_html(t, report)),
    )
    with st.container(key="report_files", horizontal=True):
        draw("report_print", t=t)
        for kind, words, media, write in files:
            offer_file(words, write, name_file(report, kind), media, key=f"report_{kind}", role="lead")
