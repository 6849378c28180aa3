"""`kb demo`: a simulated half-year in a folder of its own, so that every page can be seen alive."""

from __future__ import annotations

import shlex
import sys
import time
from pathlib import Path

import click

from portal.command import choose_settings
from portal.terminal import print_line, show_progress


@click.command()
@click.argument("folder", default="demo", type=click.Path(path_type=Path))
@click.option("--weeks", type=click.IntRange(1, 52), default=26, show_default=True, help="How long it goes back from now.")
@click.option("--seed", type=int, default=1, show_default=True, help="Another number, other customers.")
@click.option("--force", is_flag=True, help="Replace an earlier demonstration in FOLDER.")
def command(folder: Path, weeks: int, seed: int, force: bool) -> None:
    """Fill FOLDER with a demonstration: simulated customers and a simulated team on the sample articles.

    Nothing else is touched: articles and data lie in FOLDER, and every page says that what it shows is simulated. Takes some minutes.
    """
    settings = choose_settings()

    from portal.demo import Demonstration
    from portal.demo_folder import make_folder
    from portal.demo_script import read_script

    started = time.monotonic()
    make_folder(folder, replace=force, configured=settings)
    demonstration = Demonstration(folder, settings, read_script(), weeks=weeks)
    with show_progress("Indexing", sys.stderr) as progress:
        knowledge = demonstration.index(progress=progress)
    with show_progress("Simulating", sys.stderr) as progress:
        report = demonstration.run(knowledge, seed=seed, progress=progress)
    waiting = sum(count for state, count in report.gaps.items() if state not in ("closed", "dismissed"))
    print_line(f"{report.searches} searches, {sum(report.questions.values())} questions to the team, in {weeks} weeks ({time.monotonic() - started:.0f} s)")
    print_line(f"{sum(report.gaps.values())} gaps: {report.closed} were closed, {report.reopened} of them opened again, {waiting} wait for somebody")
    print_line(f"answered: {report.answered_first:.0%} of searches in the first four weeks, {report.answered_last:.0%} in the last")
    print_line("")
    print_line(f"Look at it:  kb serve --articles {shlex.quote(str(folder / 'articles'))} --data {shlex.quote(str(folder / 'data'))}")
    print_line(f"Sign in:     {report.name}, password {report.password} (a lead, in this demonstration only; shown once)")
