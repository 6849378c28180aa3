"""`kb restore`: put a backup in place; what was there is moved aside."""

from __future__ import annotations

from pathlib import Path

import click

from portal.command import choose_settings, share_folders
from portal.terminal import make_harmless, print_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@share_folders
@click.option("--force", is_flag=True, help="Move aside what is in the way.")
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON.")
def command(file: Path, articles: Path | None, data: Path | None, force: bool, as_json: bool) -> int:
    """Put the database and the articles of the backup FILE in place. Stop the portal first: while one serves from the folder, nothing is done.

    All of it is unpacked and examined before anything changes. Without --force nothing that is there is replaced; with it, it is moved
    aside under a name with before-restore in it, and never deleted. Settings are written into the data folder to read; nothing is set.
    """
    settings = choose_settings(articles=articles, data=data)

    # The first makes every table known, so that a backup of a newer kb is told from one of this.
    import portal.knowledge  # noqa: F401
    from indexer.vector_file import write_vector_file
    from kb.audited import Audited
    from kb.database import migrate
    from kb.restore import restore_backup
    from portal.command_account import command_account

    done = restore_backup(file, settings, force=force)
    migrate(settings.database)
    # In the log of the backup, which is the log from now on: what was recorded since lies aside with the database that was there.
    Audited(settings.database, command_account().name).note("restored", "base", detail=f"backup: {done.manifest.made_at}")
    # Made from the database here and now; nothing is embedded.
    write_vector_file(settings)
    if as_json:
        print_json({
            "made_at": done.manifest.made_at, "articles": len(done.manifest.articles), "aside": [str(path) for path in done.aside],
            "left_out": list(done.left_out), "settings": {name: {"backup": was, "now": now} for name, (was, now) in done.differs.items()},
        })  # fmt: skip
        return 0
    for fact in done.left_out:
        click.echo(f"kb: not restored: {make_harmless(fact)}", err=True)
    click.echo(f"restored {settings.database} and {len(done.manifest.articles)} files in {settings.articles} as they were at {done.manifest.made_at}")
    for path in done.aside:
        click.echo(f"moved aside: {path}")
    for name, (was, now) in done.differs.items():
        click.echo(f"set otherwise in the backup: {name}={make_harmless(was)} (now {make_harmless(now) or 'empty'})")
    click.echo("next: `kb index`, then `kb doctor`")
    return 0
