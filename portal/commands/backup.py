"""`kb backup`: everything that cannot be made again, in one file that was read back."""

from __future__ import annotations

from pathlib import Path

import click

from portal.command import choose_settings, share_folders
from portal.terminal import make_harmless, print_json


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@share_folders
@click.option("--verify", is_flag=True, help="Write nothing: read the backup FILE, compare every byte and examine its database.")
@click.option("--json", "as_json", is_flag=True, help="Print what the backup holds as JSON.")
def command(file: Path, articles: Path | None, data: Path | None, verify: bool, as_json: bool) -> int:
    """Write a backup into the new FILE: the database, the articles with their history, and the settings. A portal may go on serving.

    It is written beside, read back and examined before it has its name; a file that is there is never replaced. The vector file, the
    prepared model and caches are not in it: they are made again. What customers wrote is in it, so only its owner may read it.
    """
    settings = choose_settings(articles=articles, data=data)

    from kb.backup import verify_backup, write_backup

    left_out: tuple[str, ...] = ()
    if verify:
        manifest = verify_backup(file)
    else:
        written = write_backup(settings, file)
        manifest, left_out = written.manifest, written.left_out
    if as_json:
        print_json({
            "file": str(file), "bytes": file.stat().st_size, "made_at": manifest.made_at, "version": manifest.version, "schema": list(manifest.schema),
            "articles": len(manifest.articles), "history": bool(manifest.branch), "left_out": list(left_out),
        })  # fmt: skip
        return 0
    for fact in left_out:
        click.echo(f"kb: not in the backup: {make_harmless(fact)}", err=True)
    history = ", their history" if manifest.branch else ""
    click.echo(f"{file}: {file.stat().st_size / 1e6:.1f} MB, {len(manifest.articles)} files of articles{history}, database and settings of {manifest.made_at}; verified")
    return 0
