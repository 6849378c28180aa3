"""A report as one HTML file that needs nothing else: no script, nothing fetched, every text escaped."""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from portal.drawing import fill
from portal.messages import Messages
from portal.report_sections import EVERYTHING, list_tables, say_headline, say_selection, say_title
from portal.reporting import Report

STYLE = Path(__file__).parent / "static" / "report.css"
"""The look of a report, on its page and in its file."""


def write_html(t: Messages, report: Report) -> str:
    """The report as a page of its own."""
    # The style is a file of this program; nothing that anybody typed is in it.
    return fill("report_file", style=Markup(STYLE.read_text(encoding="utf-8")), **describe_report(t, report, tables=EVERYTHING))  # noqa: S704


def describe_report(t: Messages, report: Report, *, tables: tuple[str, ...]) -> dict[str, object]:
    """What the template `report` draws."""
    return {
        "t": t, "simulated": report.simulated, "title": say_title(t, report), "selection": say_selection(t, report), "headline": say_headline(t, report),
        "tables": list_tables(t, report, tables),
    }  # fmt: skip
