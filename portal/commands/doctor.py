"""`kb doctor`: what is wrong with folder, articles, database, model, index and records, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import click

from portal.command import choose_settings, share_folders
from portal.terminal import print_json, print_line

STYLES = {"ok": "green", "warning": "yellow", "fault": "red"}


@click.command()
@share_folders
@click.option("--repair", is_flag=True, help="Make anew what is derived and found wrong; what people wrote is never touched.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(articles: Path | None, data: Path | None, repair: bool, as_json: bool) -> int:
    """Check everything kb depends on. Exits 1 when there is a warning or a fault.

    With --repair the vector file, the words that searches match, damaged rows of the index, indexes of the database, the bundled model, counted days and
    caches are made anew where they are wrong, and everything is checked once more. Whatever else is damaged has to come from a backup.
    """
    settings = choose_settings(articles=articles, data=data)

    # The first makes every table known, so that a database of a newer kb is told from one of this.
    import portal.knowledge  # noqa: F401
    from portal.doctoring import examine_base, repair_base

    done: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    if repair:
        mended = repair_base(settings)
        done, failed, findings = mended.done, mended.failed, mended.findings
    else:
        findings = examine_base(settings)
    if as_json:
        print_json([{"level": finding.level, "subject": finding.subject, "message": finding.message} for finding in findings])
        for fact in (*done, *failed):
            click.echo(f"kb: {fact}", err=True)
    else:
        for fact in done:
            print_line(f"repaired {fact}", fg="cyan")
        for fact in failed:
            print_line(f"not repaired: {fact}", fg="red")
        for finding in findings:
            print_line(f"{finding.level:<8} {finding.subject}: {finding.message}", fg=STYLES[finding.level])
        if not repair and any(finding.mend for finding in findings):
            print_line("`kb doctor --repair` makes anew what can be", dim=True)
    return 1 if failed or any(finding.level != "ok" for finding in findings) else 0
