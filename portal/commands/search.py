"""`kb search`: what a customer would find, and how sure kb is; `--batch` runs a file of queries for measuring."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kb.readers import READERS, Scope
from kb.settings import LANGUAGES
from portal.command import open_chosen, share_folders
from portal.terminal import print_json, print_line, print_passage


@click.command()
@click.argument("text", nargs=-1)
@share_folders
@click.option("--lang", type=click.Choice(LANGUAGES), help="Only articles in this language.")
@click.option("--product", help="Only articles of this product.")
@click.option("--tag", help="Only articles with this tag.")
@click.option("--as", "reader", type=click.Choice(tuple(READERS)), default="public", show_default=True, help="Who is reading.")
@click.option("--limit", type=click.IntRange(1, 50), default=None, help="At most so many articles [5; with --batch 10].")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
@click.option("--batch", type=click.File("rb"), help='Run the queries of a JSONL file, {"id", "text", "lang"} a line; - is standard input.')
def command(text: tuple[str, ...], articles: Path | None, data: Path | None, batch, as_json: bool, **narrowed) -> int:
    """Search for TEXT in all languages and print the articles that answer it, best first.

    Finding nothing is not a fault: it exits 0. With --batch one JSON object a query is written, in the order of the file; a
    broken line is reported with its number, the rest goes on, and the exit code is 1.
    """
    query = " ".join(text).encode("utf-8", "replace").decode("utf-8").strip()
    if bool(query) == (batch is not None):
        raise click.UsageError("give the TEXT to search for, or --batch FILE, and not both")
    limit = narrowed["limit"]
    scope = Scope(reader=READERS[narrowed["reader"]], lang=narrowed["lang"], product=narrowed["product"], tag=narrowed["tag"])

    knowledge = open_chosen(articles=articles, data=data)
    if batch is not None:
        from portal.batch import answer_lines

        broken = answer_lines(knowledge, batch, scope=scope, limit=limit or 10, answers=sys.stdout, faults=sys.stderr)
        return 1 if broken else 0
    answer = knowledge.search(query, scope=scope, prefer=None, limit=limit or 5, source="command")
    if as_json:
        print_json(describe_answer(answer))
    else:
        print_answer(answer)
    return 0


def describe_answer(answer) -> dict[str, object]:
    """The answer as plain values, for JSON."""
    return {
        "query": answer.query, "lang": answer.lang, "outcome": answer.outcome, "confidence": round(answer.confidence, 4),
        "took_ms": round(answer.took_ms, 1),
        "hits": [
            {
                "article": hit.article, "title": hit.title, "lang": hit.lang, "score": round(hit.score, 4), "passage": hit.passage,
                "headings": list(hit.headings), "anchor": hit.anchor, "words": list(hit.words), "summary": hit.summary,
                "category": hit.category, "updated": hit.updated.isoformat() if hit.updated else None,
            }
            for hit in answer.hits
        ],
    }  # fmt: skip


def print_answer(answer) -> None:
    """Write the answer for a person: title, id and language, where in the article, what answers, the matched words marked."""
    sure = {"answered": "", "weak": "These may help:", "failed": "Nothing answers this. The closest articles:"}[answer.outcome]
    if not answer.hits:
        print_line("Nothing matches.", fg="yellow")
    elif sure:
        print_line(sure, fg="yellow")
    for hit in answer.hits:
        print_line(hit.title, marked=hit.words, bold=True)
        print_line("  ".join((hit.article, hit.lang, f"{hit.score:.2f}")), dim=True)
        if hit.headings:
            print_line("  " + " › ".join(hit.headings), fg="cyan")
        print_passage(read_plain(hit), marked=hit.words, lines=4)
        print_line("")
    print_line(f"{answer.outcome}, confidence {answer.confidence:.2f}", dim=True)


def read_plain(hit) -> str:
    """What answers in the hit, as text: steps and rows one a line; the passage when nothing in it stands out."""
    from kb.blocks import split_blocks

    return "\n".join(block.text for block in split_blocks(hit.answer_html)) or hit.passage
