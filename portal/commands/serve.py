"""`kb serve`: the portal, in one process."""

from __future__ import annotations

from pathlib import Path

import click

from portal.command import choose_settings, share_folders


@click.command()
@share_folders
@click.option("--host", help="Address to listen on [KB_HOST; 127.0.0.1].")
@click.option("--port", type=int, help="Port to listen on [KB_PORT; 8501].")
def command(articles: Path | None, data: Path | None, host: str | None, port: int | None) -> None:
    """Serve the portal until it is stopped with Ctrl-C. Its address is the first line printed."""
    settings = choose_settings(articles=articles, data=data, host=host, port=port)

    from portal.server import serve

    serve(settings)
