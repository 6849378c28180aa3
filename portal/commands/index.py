"""`kb index`: read the articles, embed what changed, publish the new index."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from portal.command import open_chosen, share_folders
from portal.terminal import print_json, show_progress


@click.command()
@share_folders
@click.option("--full", is_flag=True, help="Read, render and embed everything again, not only what changed.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(articles: Path | None, data: Path | None, full: bool, as_json: bool) -> int:
    """Index the articles. Only what changed is embedded; a running portal takes the new index over by itself.

    A file that cannot be used is named on standard error with its line and remedy, and stops nothing else. Exits 1 only when
    no article could be indexed.
    """
    knowledge = open_chosen(articles=articles, data=data)
    with show_progress("Indexing", sys.stderr) as progress:
        report = knowledge.index(progress=progress, full=full)
    problems = [{"path": problem.path, "line": problem.line, "fact": problem.fact} for problem in report.problems]
    for problem in report.problems:
        click.echo(f"kb: {problem}", err=True)
    if as_json:
        print_json({
            "articles": report.articles, "passages": report.passages, "embedded": report.embedded, "removed": report.removed,
            "seconds": round(report.seconds, 2), "generation": report.generation, "problems": problems,
        })  # fmt: skip
    else:
        click.echo(
            f"{_count(report.articles, 'article')} in {_count(report.passages, 'passage')}: {_count(report.embedded, 'text')} embedded,"
            f" {_count(report.removed, 'article')} removed, {_count(len(problems), 'problem')}, {report.seconds:.1f} s"
        )
    return 0 if report.articles else 1


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
