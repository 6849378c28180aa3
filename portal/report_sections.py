"""A report in words: its headline and its tables, the same on the page, in the terminal and in every file."""

from __future__ import annotations

from collections.abc import Sequence

from portal.figure_words import say_interval, say_number, say_share
from portal.messages import Messages
from portal.report_tables import (
    Table,
    say_lights,
    tabulate_articles,
    tabulate_effects,
    tabulate_findability,
    tabulate_people,
    tabulate_targets,
    tabulate_topics,
    tabulate_weeks,
)
from portal.reporting import Report
from portal.topic_rows import total_cost
from portal.trend_words import say_day

ONE_PAGE = ("targets", "missing", "effects", "articles")
"""What fits a sheet of paper."""
EVERYTHING = ("targets", "missing", "weeks", "effects", "findability", "articles", "people")
TOPICS_SHOWN = 10
ARTICLES_SHOWN = 6
EFFECTS_SHOWN = 6
COMPACT = ("requests", "failed", "confirmed_count", "implicit_count", "unknown_count", "unresolved_count", "wait", "gaps")


def say_title(t: Messages, report: Report) -> str:
    """Support report: Acme Help."""
    return t("report_title", site=report.site)


def say_selection(t: Messages, report: Report) -> str:
    """The days, and what they were narrowed to, and when the report was made."""
    selection, period = report.selection, report.selection.period
    days = t("period_between", first=t.day(period.first), last=t.day(period.last))
    narrowed = [selection.product, t("report_asked_in", language=t.language(selection.lang)) if selection.lang else ""]
    return " · ".join(filter(None, (days, *narrowed, t("report_made", day=t.day(report.made_on)))))


def say_headline(t: Messages, report: Report) -> tuple[str, ...]:
    """What a lead says first: how much was asked and answered, what is missing costs, how the targets stand, what became of gaps."""
    if report.is_empty:
        return (t("report_empty"),)
    coverage, period, weeks = report.coverage, report.selection.period, report.weeks
    days = t("period_between", first=t.day(period.first), last=t.day(period.last))
    said = [
        t(
            "coverage_said", period=days, requests=say_number(coverage.requests), share=say_share(t, coverage.answered),
            interval=say_interval(coverage.answered), cost=say_number(total_cost(coverage.topics)),
        ),
        say_lights(t, report.targets),
    ]  # fmt: skip
    if weeks:
        said.append(
            t(
                "report_gaps", first=say_day(t, weeks[0].period.first), last=say_day(t, weeks[-1].period.last), opened=sum(week.gaps_opened for week in weeks),
                closed=sum(week.gaps_closed for week in weeks), reopened=sum(week.gaps_reopened for week in weeks),
            )
        )  # fmt: skip
    return tuple(said)


def list_tables(t: Messages, report: Report, names: Sequence[str]) -> tuple[Table, ...]:
    """These tables, of `EVERYTHING`, in this order; of an empty base none."""
    zone, effects, articles = report.selection.period.zone, report.effects, report.flagged
    tables = {
        "targets": lambda: tabulate_targets(t, report.targets, report.targets_before),
        "missing": lambda: tabulate_topics(t, report.missing[:TOPICS_SHOWN]),
        "weeks": lambda: tabulate_weeks(t, report.trends.weeks, COMPACT, title=t("lead_trends")),
        "effects": lambda: tabulate_effects(t, effects[:EFFECTS_SHOWN], zone=zone),
        "findability": lambda: tabulate_findability(t, report.findability, zone=zone),
        "articles": lambda: tabulate_articles(t, articles[:ARTICLES_SHOWN]),
        "people": lambda: tabulate_people(t, report.people),
    }
    return () if report.is_empty else tuple(tables[name]() for name in names)
