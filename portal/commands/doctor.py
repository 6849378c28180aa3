"""`kb doctor`: what is wrong with the articles, the index, the model and the settings, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import click

from portal.command import open_chosen, share_folders
from portal.terminal import print_json, print_line

STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}


@click.command()
@share_folders
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(articles: Path | None, data: Path | None, as_json: bool) -> int:
    """Check everything kb depends on. Exits 1 when there is a warning or a fault."""
    findings = open_chosen(articles=articles, data=data).doctor()
    if as_json:
        print_json([{"level": finding.level, "subject": finding.subject, "message": finding.message} for finding in findings])
    else:
        for finding in findings:
            print_line(f"{finding.level:<8} {finding.subject}: {finding.message}", fg=STYLES[finding.level])
    return 1 if any(finding.level != "ok" for finding in findings) else 0
