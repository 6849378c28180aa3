"""`kb eval`: ranking, refusal and latency on folders of articles with labelled queries."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from pathlib import Path

import click

from portal.command import open_chosen, share_folders
from portal.terminal import print_json, print_line, show_progress


@click.command()
@click.argument("sets", nargs=-1, metavar="SET...", type=click.Path(path_type=Path, exists=True, file_okay=False))
@share_folders
@click.option("--own", is_flag=True, help="Also the searches of this base that led to a helpful vote.")
@click.option("--most", type=click.IntRange(10), help="At most so many queries of each set, evenly taken.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON.")
def command(sets: tuple[Path, ...], articles: Path | None, data: Path | None, own: bool, most: int | None, as_json: bool) -> int:
    """Measure the search on each SET, a folder with articles/ and queries.jsonl ({"id", "text", "lang", "gold"} a line, an empty
    gold meaning that nothing in the set answers), beside BM25 alone, the nearest passage alone, and both by reciprocal rank fusion."""
    if not sets and not own:
        raise click.UsageError("name at least one SET, or --own")
    knowledge = open_chosen(articles=articles, data=data)
    measured = knowledge.measure_own() if own else []
    if own and not measured:
        print_line("no search has led to a helpful vote yet", fg="yellow")
    for folder in sets:
        with show_progress(folder.name, sys.stderr) as progress:
            measured += knowledge.measure(folder, most=most, progress=progress)
    latency = knowledge.measure_latency(sets[0]) if sets else None
    if as_json:
        times = asdict(latency) | {"ratio": latency.ratio} if latency else None
        # JSON has no NaN: a figure that a set cannot give is null.
        rows = [{name: None if value != value else value for name, value in asdict(row).items()} for row in measured]
        print_json({"sets": rows, "latency_ms": times})
        return 0
    if measured:
        print_figures(measured)
    if latency:
        print_line(f"median ms, one run: embedding {latency.embedding:.1f}, whole search {latency.search:.1f}, ratio {latency.ratio:.2f}")
    return 0


def print_figures(measured) -> None:
    """Write the table, what its columns mean, and the reliability of confidence."""
    names = ("set <- query language", "queries", "terms", "vectors", "hybrid", "kb", "hit@1", "hit@3", "area", "Brier")
    print_line(f"{names[0]:26}" + "".join(f"{name:>9}" for name in names[1:]), bold=True)
    for row in measured:
        figures = (row.terms, row.vectors, row.hybrid, row.mrr, row.first, row.in_three, row.area, row.brier)
        print_line(f"{row.name + ' <- ' + row.lang:26}{row.queries:9}" + "".join(_figure(figure) for figure in figures))
    print_line("terms, vectors, hybrid, kb: MRR@10 of BM25, nearest passage, their rank fusion, and the whole search", dim=True)
    print_line("area: under ROC of confidence, answerable against unanswerable; Brier: of confidence against 'the first hit answers'", dim=True)
    for row in measured:
        bins = "  ".join(f"{given:.2f}->{true:.2f} ({number})" for given, true, number in row.reliability)
        print_line(f"reliability {row.name} <- {row.lang}: {bins}", dim=True)


def _figure(value: float) -> str:
    return f"{'-':>9}" if math.isnan(value) else f"{value:9.3f}"
