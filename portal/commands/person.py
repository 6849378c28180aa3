"""`kb person`: give out or erase everything that is stored about one person."""

from __future__ import annotations

from pathlib import Path

import click

from portal.command import open_chosen, share_folders
from portal.terminal import print_json


@click.command()
@click.argument("action", type=click.Choice(("export", "erase")))
@share_folders
@click.option("--session", "pseudonym", metavar="PSEUDONYM", help="By the pseudonym of a session, as an export names it.")
@click.option("--contact", metavar="CONTACT", help="By the e-mail address or phone number given with a question.")
@click.option("--reference", metavar="REF", help="By the reference number of a question, such as Q-7F3K-Q29M.")
@click.option("--yes", is_flag=True, help="Erase without asking.")
def command(action: str, articles: Path | None, data: Path | None, yes: bool, **named: str | None) -> int:
    """Print everything stored about one person as JSON, or erase it for good: searches, opened articles, votes and questions.

    The person is named by exactly one of --session, --contact and --reference; the last two lead to the sessions that asked.
    """
    who = {name: value for name, value in named.items() if value is not None}
    if len(who) != 1:
        raise click.UsageError("name the person by exactly one of --session, --contact and --reference")
    from portal.command_account import command_account

    desk = open_chosen(articles=articles, data=data).desk(command_account())
    if action == "export":
        print_json(desk.export_person(**who))
        return 0
    counts = desk.count_person(**who)
    if not any(counts.values()):
        click.echo("nothing is stored about this person")
        return 0
    told = ", ".join(f"{count} {name}" for name, count in counts.items())
    if not yes:
        click.confirm(f"Erase {told} for good?", abort=True, err=True)
    erased = desk.erase_person(**who)
    click.echo("erased " + ", ".join(f"{erased[name]} {name}" for name in counts))
    return 0
