"""`kb show`: one article's Markdown, as it was indexed."""

from __future__ import annotations

from pathlib import Path

import click

from kb.readers import READERS
from portal.command import open_chosen, share_folders
from portal.terminal import print_json


@click.command()
@click.argument("article_id", metavar="ID")
@share_folders
@click.option("--as", "reader", type=click.Choice(tuple(READERS)), default="staff", show_default=True, help="Who is reading.")
@click.option("--json", "as_json", is_flag=True, help="Print the article's fields, text and sections as JSON.")
def command(article_id: str, articles: Path | None, data: Path | None, reader: str, as_json: bool) -> int:
    """Print the Markdown of the article ID, such as en/customers/search-well. An old id that redirects is followed."""
    knowledge = open_chosen(articles=articles, data=data)
    page = knowledge.article(article_id.removesuffix(".md").strip("/"), reader=READERS[reader])
    source = knowledge.source(page.card.id, reader=READERS[reader]).strip("\n") + "\n"
    if not as_json:
        click.echo(source, nl=False)
        return 0
    card = page.card
    print_json({
        "article": card.id, "title": card.title, "lang": card.lang, "summary": card.summary, "category": card.category,
        "tags": list(card.tags), "updated": card.updated.isoformat() if card.updated else None,
        "sections": [{"level": entry.level, "anchor": entry.anchor, "text": entry.text} for entry in page.toc],
        "translations": [other.id for other in page.translations], "markdown": source,
    })  # fmt: skip
    return 0
