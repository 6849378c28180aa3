"""`kb audit`: who did what and when, and whether the log of it is whole."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from portal.command import choose_settings, share_folders
from portal.terminal import print_json, print_line


@click.command()
@share_folders
@click.option("--verify", is_flag=True, help="Follow the chain of all lines and say whether it is whole.")
@click.option("--head", default="", metavar="HASH", help="With --verify: a hash that was kept elsewhere, which the log has to hold still.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="At most so many lines.")
@click.option("--since", type=click.DateTime(formats=["%Y-%m-%d"]), default=None, metavar="DATE", help="Only lines from this day on, YYYY-MM-DD, UTC.")
@click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")
def command(articles: Path | None, data: Path | None, verify: bool, head: str, limit: int, since: datetime | None, as_json: bool) -> int:
    """Print what the team did, the newest first. Reading is not recorded, nor what customers wrote.

    Every line is chained to the one before by its hash. --verify finds lines that were changed, removed or put in; against somebody who
    can write a whole new log only a hash helps that was kept elsewhere: keep what --verify prints, and give it to --head later.

    Exit codes: 0 done, 1 the log is not whole, 2 wrong usage.
    """
    if head and not verify:
        raise click.UsageError("--head is a hash to verify; add --verify")
    settings = choose_settings(articles=articles, data=data)

    from kb.audit import read_audit
    from kb.database import migrate, read

    if settings.database.is_file():
        migrate(settings.database)
    with read(settings.database) as database:
        if verify:
            return _verify(database, head.strip().lower(), as_json=as_json)
        lines = read_audit(database, since=since and since.replace(tzinfo=UTC), limit=limit)
    if as_json:
        print_json([{**asdict(line), "at": line.at and line.at.isoformat()} for line in lines])
        return 0
    for line in lines:
        when = f"{line.at:%Y-%m-%d %H:%M:%S}" if line.at else "?"
        named = f"{line.account or '-'} ({line.role})" if line.role and line.role != "command" else line.account or "-"
        print_line(f"{line.id:>6}  {when}  {named:<24}  {line.subject} {line.action}  {line.subject_id}  {line.detail}".rstrip())
    if not lines:
        print_line("nothing is recorded")
    return 0


def _verify(database, head: str, *, as_json: bool) -> int:
    from kb.audit import holds_head, verify

    check = verify(database)
    is_kept = holds_head(database, head) if head else None
    if as_json:
        print_json({**asdict(check), "holds_kept_head": is_kept})
    elif not check.sound:
        print_line(f"the log is not whole: line {check.first_broken_id} is changed, missing or out of place", fg="red")
        print_line("lines before it are as they were written; compare with a backup, and find out who can write to the data folder")
    else:
        print_line(f"the log is whole: {check.rows} lines, the last has the hash", fg="green")
        print_line(check.head)
    if is_kept is False and not as_json:
        print_line("the log does not hold the hash that was kept: lines up to it were replaced, or an older database was put back", fg="red")
    return 0 if check.sound and is_kept is not False else 1
