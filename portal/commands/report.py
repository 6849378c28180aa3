"""`kb report`: how the targets stand, how support develops, what is missing; as text, Markdown, HTML, JSON, CSV and Excel."""

from __future__ import annotations

import getpass
import sys
from datetime import date, datetime
from pathlib import Path

import click

from kb.errors import KnowledgeBaseError
from portal.command import open_chosen, share_folders
from portal.terminal import print_line

FORMATS = {"text": "txt", "markdown": "md", "html": "html", "json": "json"}
"""Format -> how its files end."""
DAYS = 28
DAY = click.DateTime(formats=["%Y-%m-%d"])


class ReportNotWritten(KnowledgeBaseError):
    """A file of the report cannot be written where it was to go."""


@click.command()
@share_folders
@click.option("--week", is_flag=True, help="The last calendar week that is over, written into a file.")
@click.option("--days", type=click.IntRange(1, 1825), default=None, help=f"The last so many days [{DAYS}].")
@click.option("--from", "first", type=DAY, default=None, metavar="DATE", help="From this day, YYYY-MM-DD; with --to.")
@click.option("--to", "last", type=DAY, default=None, metavar="DATE", help="To this day, included.")
@click.option("--product", default="", help="Only requests of this product.")
@click.option("--lang", type=click.Choice(("zh", "en")), default=None, help="Only requests in this language.")
@click.option("--in", "spoken", type=click.Choice(("zh", "en")), default="en", show_default=True, help="Language of the report.")
@click.option("--format", "form", type=click.Choice(tuple(FORMATS)), default=None, help="What to write [text; with --week markdown].")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True), default=None, help="Write it into this file; - is standard output.")
@click.option("--csv", "folder", type=click.Path(path_type=Path, file_okay=False), default=None, help="Also write every table into this folder as CSV.")
@click.option("--xlsx", type=click.Path(path_type=Path, dir_okay=False), default=None, help="Also write every table into this Excel workbook.")
def command(articles: Path | None, data: Path | None, week: bool, spoken: str, form: str | None, out: Path | None, folder: Path | None, xlsx: Path | None, **asked) -> int:
    """Report on targets, trends, the largest topics without an answer and the articles to look at.

    Without a format or a file the report is printed. Days and weeks begin by KB_TIME_ZONE. Whoever can read the data folder may
    report; in the portal that takes a lead's sign-in.
    """
    _refuse_two_periods(week, **{name: asked[name] for name in ("days", "first", "last")})
    from portal.messages import Messages
    from portal.reporting import name_file

    report, t = _gather(open_chosen(articles=articles, data=data), week=week, **asked), Messages(spoken)
    if folder or xlsx:
        _write_tables(report, t, folder=folder, xlsx=xlsx)
    form = form or ("markdown" if week else None)
    if form is None and out is None and (folder or xlsx):
        return 0
    form = form or "text"
    if week and out is None:
        out = Path(name_file(report, FORMATS[form]))
    if out and str(out) != "-":
        _write(out, _compose(report, t, form).encode("utf-8"))
    elif form == "text":
        _print(report, t)
    else:
        click.echo(_compose(report, t, form), nl=False)
    return 0


def _gather(knowledge, *, week: bool, days: int | None, first: datetime | None, last: datetime | None, product: str, lang: str | None):
    """The report on what was asked for. Raises UsageError when the product is none of this base's."""
    from feedback.periods import Selection
    from kb.accounts import Account
    from portal.reporting import gather_report

    # Whoever can read the data folder has every right already.
    desk = knowledge.lead_desk(Account(f"{getpass.getuser()} (command)", "administrator"))
    # A serving portal does this twice a minute; without one it is done now.
    knowledge.update_gaps()
    desk.refresh()
    if product and product not in desk.products():
        raise click.UsageError(f"there is no product {product!r}; there are: {', '.join(desk.products()) or 'none'}")
    period = desk.last_week() if week else desk.period(_day(first), _day(last)) if first else desk.last_days(days or DAYS)
    return gather_report(desk, Selection(period, product, lang or ""), site=knowledge.settings.title, simulated=knowledge.is_demonstration)


def _refuse_two_periods(week: bool, *, days: int | None, first: datetime | None, last: datetime | None) -> None:
    if week + (days is not None) + (first is not None or last is not None) > 1:
        raise click.UsageError("give one period: --week, --days N, or --from DATE --to DATE")
    if (first is None) != (last is None):
        raise click.UsageError("--from and --to belong together")
    if first and first > last:
        raise click.UsageError(f"--from {first:%Y-%m-%d} is after --to {last:%Y-%m-%d}")


def _write_tables(report, t, *, folder: Path | None, xlsx: Path | None) -> None:
    # Only now: what writes workbooks takes a while to import.
    from portal.report_files import write_report_csv, write_report_workbook

    if folder:
        for name, text in write_report_csv(report).items():
            _write(folder / name, text.encode("utf-8"))
    if xlsx:
        _write(xlsx, write_report_workbook(report, warning=t("demonstration")))


def _compose(report, t, form: str) -> str:
    if form == "html":
        from portal.report_html import write_html

        return write_html(t, report)
    if form == "json":
        from portal.report_files import write_report_json

        return write_report_json(report)
    from portal.report_text import write_markdown, write_plain

    return (write_markdown if form == "markdown" else write_plain)(t, report)


def _print(report, t) -> None:
    from portal.report_text import write_lines

    for line, style in write_lines(t, report):
        print_line(line, **style)


def _write(path: Path, content: bytes) -> None:
    """Write the file whole or not at all, and say so on standard error. Raises ReportNotWritten."""
    from kb.durable_files import replace_file, write_new

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not write_new(path, content):
            replace_file(path, content)
    except OSError as fault:
        raise ReportNotWritten(f"{path} cannot be written: {fault.strerror or fault}; name another place") from fault
    click.echo(f"wrote {path}", file=sys.stderr)


def _day(moment: datetime) -> date:
    return moment.date()
