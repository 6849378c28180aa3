"""A report as rows for other programs: a workbook, a folder of CSV files, JSON. Figures of a demonstration say so in every row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from portal import report_rows, topic_rows
from portal.exporting import write_csv, write_json
from portal.reporting import Report
from portal.spreadsheets import write_workbook

SIMULATED = "simulated"
"""The first column of every table of a demonstration; a CSV file has no other place to say it."""


@dataclass(frozen=True)
class Sheet:
    """One table: the name of its file, and its rows."""

    name: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, object]]


def list_sheets(report: Report) -> tuple[Sheet, ...]:
    """Targets, topics, weeks, effects, findability, articles and people, each whole."""
    zone = report.selection.period.zone
    targets = [report_rows.describe_target(*pair) for pair in zip(report.targets, report.targets_before, strict=True)]
    sheets = (
        Sheet("targets", report_rows.TARGET_COLUMNS, targets),
        Sheet("topics", topic_rows.COLUMNS, [topic_rows.describe_topic(topic) for topic in report.coverage.topics]),
        Sheet("weeks", report_rows.WEEK_COLUMNS, [report_rows.describe_week(week) for week in report.trends.weeks]),
        Sheet("effects", report_rows.EFFECT_COLUMNS, [report_rows.describe_effect(effect, zone=zone) for effect in report.effects]),
        Sheet("findability", report_rows.FINDABILITY_COLUMNS, [report_rows.describe_run(run, zone=zone) for run in report.findability]),
        Sheet("articles", report_rows.ARTICLE_COLUMNS, [report_rows.describe_article(each) for each in report.articles]),
        Sheet("people", report_rows.PERSON_COLUMNS, [report_rows.describe_person(each) for each in report.people]),
    )
    return tuple(map(_mark_simulated, sheets)) if report.simulated else sheets


def write_report_workbook(report: Report, *, warning: str) -> bytes:
    """An Excel workbook with a sheet for each table. Of a demonstration the first sheet is the `warning`."""
    first = [(SIMULATED, (warning,), [])] if report.simulated else []
    return write_workbook([*first, *((sheet.name, sheet.columns, sheet.rows) for sheet in list_sheets(report))])


def write_report_csv(report: Report) -> dict[str, str]:
    """File name -> CSV, one for each table."""
    return {f"{sheet.name}.csv": write_csv(sheet.rows, sheet.columns) for sheet in list_sheets(report)}


def write_report_json(report: Report) -> str:
    """The whole report as JSON; `simulated` stands first."""
    selection, period, coverage = report.selection, report.selection.period, report.coverage
    told = {
        SIMULATED: report.simulated, "site": report.site, "from": period.first, "to": period.last, "time_zone": period.zone.key, "product": selection.product,
        "lang": selection.lang, "made_on": report.made_on, "requests": coverage.requests, "answered": coverage.answered.part,
        "missing": [topic.key for topic in report.missing],
        **{sheet.name: [{name: row.get(name) for name in sheet.columns if name != SIMULATED} for row in sheet.rows] for sheet in list_sheets(report)},
    }  # fmt: skip
    return write_json(_plain(told))


def _mark_simulated(sheet: Sheet) -> Sheet:
    return Sheet(sheet.name, (SIMULATED, *sheet.columns), [{SIMULATED: "yes", **row} for row in sheet.rows])


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value
