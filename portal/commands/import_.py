"""`kb import`: bring in articles of another system: Markdown, Word, HTML, a Zendesk or a Confluence export."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from portal.command import choose_settings, share_folders
from portal.terminal import print_json, print_line

MOST_CHANGES = 12
MOST_FILES = 8


@click.command(name="import")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@share_folders
@click.option("--into", default="", metavar="FOLDER", help="Folder below en/ and zh/ that the articles go to, such as manual.")
@click.option("--lang", type=click.Choice(("zh", "en")), default=None, help="Language of articles whose source names none [detected].")
@click.option("--publish", is_flag=True, help="Publish what the source says is published. Without it, everything comes in as a draft.")
@click.option("--dry", is_flag=True, help="Tell what would come in and what would change, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(
    source: Path, articles: Path | None, data: Path | None, into: str, lang: str | None, publish: bool, dry: bool, as_json: bool
) -> int:
    """Convert SOURCE, a file, folder or zip archive, into articles, with their images.

    What was changed on the way is told per article, what could not be converted is named on standard error with its remedy and stops
    nothing else. An article that came in before is left as it is. If the import is stopped, the articles folder stays as it was.

    Exit codes: 0 all converted, 1 something was refused, 2 wrong usage.
    """
    from kb.audited import Audited
    from kb.database import migrate
    from kb.importing import import_articles
    from kb.worker import RenderWorker
    from portal.command_account import command_account

    settings = choose_settings(articles=articles, data=data)
    if not dry:
        # Before anything comes in: what cannot be recorded is not done.
        migrate(settings.database)
    with RenderWorker() as worker:
        # What cannot be shown would be refused by `kb index`; better it never comes in.
        report = import_articles(source, settings.articles, into=into, lang=lang or "", publish=publish, dry=dry, check=worker.render)
    if report.converted and not dry:
        told = f"articles: {len(report.converted)}, refused: {len(report.refused)}{', published' if publish else ''}"
        Audited(settings.database, command_account().name).note("imported", "articles", detail=told)
    for refused in report.refused:
        click.echo(f"kb: {refused}", err=True)
    if as_json:
        print_json(asdict(report))
    else:
        print_report(report)
    return 1 if report.refused else 0


def print_report(report) -> None:
    """Write what came in for a person: each article with what changed, what was there already, and the counts."""
    if report.undone:
        print_line(f"an earlier import was cut off; the {_count(report.undone, 'file')} that it had moved were taken out", fg="yellow")
    for article in report.converted:
        images = f", {_count(article.images, 'image')}" if article.images else ""
        print_line(f"{article.id}  {article.title}  ({article.status}, from {article.file}{images})", fg="green")
        for change in article.changes[:MOST_CHANGES]:
            print_line(f"  {change}", dim=True)
        if len(article.changes) > MOST_CHANGES:
            print_line(f"  {len(article.changes) - MOST_CHANGES} more changes; --json tells all", dim=True)
    for skipped in report.skipped:
        print_line(f"{skipped.file}: {skipped.source} {skipped.fact}", fg="yellow")
    if report.left_out:
        shown = ", ".join(report.left_out[:MOST_FILES]) + (" …" if len(report.left_out) > MOST_FILES else "")
        print_line(f"{_count(len(report.left_out), 'file')} without an article left out: {shown}", dim=True)
    done = "would be imported" if report.dry else "imported"
    line = f"{_count(len(report.converted), 'article')} {done}, {len(report.skipped)} skipped, {len(report.refused)} refused"
    print_line(line + ("" if report.dry or not report.converted else "; `kb index` makes them searchable"), bold=True)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
