"""`make simulate`: customers of labelled topics against a base from which a third of the topics was taken, and what the gaps say.

The customers are described in `portal/simulated_customers.py`. At each point the gaps that an agent sees (the default list) are compared
with what was wanted. A removed topic counts as found when it holds the plurality of the evidence of some listed gap; a gap is real when
more than half of its evidence is of what the public cannot find answered (`simulated_figures.judge_gap`); its kind is compared with what
was done to the topic of most of that evidence.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import click

from kb.accounts import Account
from kb.errors import KnowledgeBaseError
from kb.settings import read_settings
from portal.knowledge import KnowledgeBase
from portal.simulated_base import open_simulated_base
from portal.simulated_customers import Clock, Crowd
from portal.simulated_figures import Figures, Verdict, count_confusion, judge_gap, main_topics, removed_topics
from portal.simulated_replays import ReplayFigures, replay_gaps
from portal.simulated_topics import SPLITS, Cast, read_cast
from portal.terminal import print_json, print_line, show_progress

POINTS = (100, 1_000, 10_000)
STAFF = Account("lead", "lead")
UPDATED_EVERY = timedelta(days=1)
JOINED = 5


def simulate(
    knowledge: KnowledgeBase, cast: Cast, clock: Clock, *, points: Sequence[int], seed: int, progress: Callable[[int, int], None] | None = None,
    replays: list[ReplayFigures] | None = None,
) -> Iterator[tuple[Figures, list[Verdict]]]:  # fmt: skip
    """The figures and the judged gaps at each of these numbers of searches, of one run. Gaps are brought up to now every day. `replays`, if given, takes
    what drafts for the gaps of the last point come to."""
    crowd, updated, seconds = Crowd(knowledge, cast, clock, seed=seed), clock(), 0.0
    for point in points:
        while crowd.searches < point:
            crowd.visit()
            if clock() - updated >= UPDATED_EVERY:
                seconds += _seconds(lambda: knowledge.update_gaps(classify=False))
                updated = clock()
            if progress:
                progress(min(crowd.searches, points[-1]), points[-1])
        # The last visitors have left.
        clock.go_on(3600)
        seconds += _seconds(lambda: knowledge.update_gaps(classify=False))
        classified = _seconds(knowledge.update_gaps)
        figures, verdicts = _measure(knowledge, cast, crowd)
        searches, join = crowd.searches, _time_joining(knowledge, cast, crowd, clock)
        yield Figures(searches=searches, group_seconds=seconds, join_ms=join, classify_seconds=classified, **figures), verdicts
        seconds = 0.0
        if replays is not None and point == points[-1]:
            details = [knowledge.desk(STAFF).gap(gap.id) for gap in knowledge.desk(STAFF).gaps()]
            replays.append(replay_gaps(knowledge, cast.topics, details, wishes=crowd.wishes, asked=crowd.asked, texts=crowd.texts, seed=seed))


def _measure(knowledge: KnowledgeBase, cast: Cast, crowd: Crowd) -> tuple[dict, list[Verdict]]:
    desk = knowledge.desk(STAFF)
    details = [desk.gap(gap.id) for gap in desk.gaps()]
    verdicts = [judge_gap(detail, crowd.wishes) for detail in details]
    wanted = removed_topics(cast.topics, crowd.asked)
    real = [verdict for verdict in verdicts if verdict.real]
    return {
        "gaps": len(verdicts), "removed_asked": len(wanted), "removed_found": len(wanted & main_topics(details, crowd.wishes)),
        "real": len(real), "kind_right": sum(verdict.kind == verdict.expected for verdict in real), "confusion": count_confusion(verdicts),
        "real_by_truth": dict(Counter(verdict.truth for verdict in real)), "evidence": sum(verdict.items for verdict in verdicts),
    }, verdicts  # fmt: skip


def _time_joining(knowledge: KnowledgeBase, cast: Cast, crowd: Crowd, clock: Clock) -> float:
    """Median milliseconds of an update after one more search for something that is missing."""
    removed = [topic for topic in cast.topics if topic.truth == "removed"][:JOINED]
    taken = []
    for topic in removed:
        crowd.ask_for(topic)
        clock.go_on(3600)
        taken.append(_seconds(lambda: knowledge.update_gaps(classify=False)) * 1000)
    return sorted(taken)[len(taken) // 2] if taken else float("nan")


def _seconds(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


@click.command()
@click.argument("sets", nargs=-1, required=True, metavar="SET...", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--searches", type=click.IntRange(10), default=POINTS[-1], show_default=True, help="Stop after so many searches.")
@click.option("--split", type=click.Choice(SPLITS), default="b", show_default=True, help="Which half of the topics: work on a, report b.")
@click.option("--most", type=click.IntRange(3), default=160, show_default=True, help="At most so many topics of each set.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Data folder; the simulation works below it.")
@click.option("--json", "as_json", is_flag=True, help="Print every figure and every gap as JSON.")
def main(sets: tuple[Path, ...], searches: int, split: str, most: int, seed: int, data: Path | None, as_json: bool) -> None:
    """Customers ask what the SETs are labelled with; report how many removed topics become gaps, and how many gaps are real."""
    settings, clock = read_settings(data=data), Clock()
    cast = read_cast(sets, split=split, seed=seed, most=most)
    with show_progress("index", sys.stderr) as progress:
        knowledge = open_simulated_base(cast.topics, settings, settings.data / "simulation" / split, now=clock, progress=progress)
    replays: list[ReplayFigures] = []
    points = [point for point in POINTS if point < searches] + [searches]
    with show_progress("searches", sys.stderr) as progress:
        found = list(simulate(knowledge, cast, clock, points=points, seed=seed, progress=progress, replays=replays))
    if as_json:
        print_json({"split": split, "points": [_row(figures) | {"listed": [asdict(each) for each in verdicts]} for figures, verdicts in found],
                    "replays": asdict(replays[-1])})
        return
    truths = Counter(topic.truth for topic in cast.topics)
    print_line(f"{len(cast.topics)} topics: " + ", ".join(f"{count} {truth}" for truth, count in truths.most_common()))
    _print_figures([figures for figures, _ in found])
    _print_replays(replays[-1])


def _row(figures: Figures) -> dict:
    shares = {"recall": figures.recall, "precision": figures.precision, "kind_share": figures.kind_share}
    return {name: None if value != value else value for name, value in (asdict(figures) | shares).items()}


def _print_figures(found: Sequence[Figures]) -> None:
    names = ("searches", "gaps", "recall", "precision", "kind right", "grouped s", "join ms", "classify s")
    print_line("".join(f"{name:>12}" for name in names), bold=True)
    for each in found:
        shares = "".join(f"{share:12.3f}" for share in (each.recall, each.precision, each.kind_share))
        print_line(f"{each.searches:12}{each.gaps:12}{shares}{each.group_seconds:12.2f}{each.join_ms:12.1f}{each.classify_seconds:12.1f}")
    print_line("recall: of removed topics searched for at least 5 times; precision: listed gaps whose answer the public cannot find", dim=True)
    last = found[-1]
    print_line(f"removed topics found at {last.searches}: {last.removed_found} of {last.removed_asked}")
    kinds = sorted({kind for row in last.confusion.values() for kind in row} | set(last.confusion))
    print_line(f"{'truth / kind':16}" + "".join(f"{kind:>16}" for kind in kinds), bold=True)
    for expected, row in last.confusion.items():
        print_line(f"{expected:16}" + "".join(f"{row.get(kind, 0):16}" for kind in kinds))


def _print_replays(figures: ReplayFigures) -> None:
    print_line("replayed drafts", bold=True)
    for kind, passed, said in (
        ("restored", True, "restored articles that answer the gap pass"), ("other", False, "other removed articles are refused"),
        ("alike", False, "the most alike removed articles are refused"), ("thief", False, "drafts that take other articles' searches are refused"),
    ):  # fmt: skip
        count, total = figures.share(kind, passed=passed)
        print_line(f"{count:5} of {total:<5}{said}")
    refused = Counter(trial.verdict for trial in figures.trials if trial.kind == "restored" and not trial.passed)
    print_line("restored and refused: " + (", ".join(f"{count} {verdict}" for verdict, count in refused.most_common()) or "none"), dim=True)
    print_line(f"article first: {_percent(figures.own_first, figures.own)} of {figures.own} replayed texts, "
               f"{_percent(figures.held_back_first, figures.held_back)} of {figures.held_back} texts that nobody had asked")
    seconds = sorted(trial.seconds for trial in figures.trials)
    if seconds:
        print_line(f"seconds a replay: median {seconds[len(seconds) // 2]:.1f}, longest {seconds[-1]:.1f}")


def _percent(part: int, whole: int) -> str:
    return f"{part / whole:.1%}" if whole else "-"


if __name__ == "__main__":
    try:
        main()
    except KnowledgeBaseError as fault:
        sys.exit(f"kb: {fault}")
