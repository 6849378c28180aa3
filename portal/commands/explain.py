"""`kb explain`: why an article ranks where it does for a query."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from kb.readers import READERS
from portal.command import open_chosen, share_folders
from portal.terminal import print_json, print_line


@click.command()
@click.argument("text")
@click.argument("article_id", metavar="ARTICLE")
@share_folders
@click.option("--as", "reader", type=click.Choice(tuple(READERS)), default="staff", show_default=True, help="Who is reading.")
@click.option("--json", "as_json", is_flag=True, help="Print every number as JSON.")
def command(text: str, article_id: str, articles: Path | None, data: Path | None, reader: str, as_json: bool) -> int:
    """Explain the place of ARTICLE for the query TEXT: each arm's score, the words that matched, its rank, the confidence and its parts."""
    knowledge = open_chosen(articles=articles, data=data)
    found = knowledge.explain(text, article_id.removesuffix(".md").strip("/"), reader=READERS[reader])
    if as_json:
        print_json(asdict(found))
        return 0
    place = f"place {found.rank} of {found.candidates}" if found.rank else f"put forward by neither arm; weighed beside {found.candidates - 1} others"
    print_line(f"{found.article}: {place}", bold=True)
    if found.first != found.article:
        print_line(f"first is {found.first}")
    print_line(f"{'':12}{'value':>9}{'adds':>9}{'first':>11}{'adds':>9}", dim=True)
    for part in found.parts:
        print_line(f"{part.name:12}{part.value:9.3f}{part.added:9.2f}{part.first_value:11.3f}{part.first_added:9.2f}")
    print_line(f"terms arm (BM25) {found.bm25:.2f}, vectors arm (nearest passage) {found.nearest_passage:.3f}")
    print_line(f"words it has: {', '.join(found.words) or 'none'}; words it lacks: {', '.join(found.missing_words) or 'none'}")
    print_line(f"{found.outcome}, confidence {found.confidence:.2f} that {found.first} answers", bold=True)
    for name, (value, added) in found.confidence_parts.items():
        print_line(f"  {name:14}{value:8.3f}  adds {added:+.2f}", dim=True)
    return 0
