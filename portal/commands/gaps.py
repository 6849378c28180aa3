"""`kb gaps`: what customers ask and the articles do not answer, dearest first."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from portal.command import open_chosen, share_folders
from portal.terminal import print_json, print_line

KINDS = ("missing", "unfindable", "unhelpful", "wrong_language", "hidden")
STATES = ("active", "open", "assigned", "drafted", "closed", "dismissed", "reopened", "all")


@click.group(invoke_without_command=True)
@share_folders
@click.option("--kind", type=click.Choice(KINDS), default=None, help="Only gaps of this kind.")
@click.option("--lang", type=click.Choice(("zh", "en")), default=None, help="Only gaps asked about in this language.")
@click.option("--product", default="", help="Only gaps of this product.")
@click.option("--owner", default="", help="Only gaps of this owner.")
@click.option("--state", type=click.Choice(STATES), default="active", show_default=True, help="Only gaps in this state.")
@click.option("--days", type=click.IntRange(1, 365), default=None, help="Evidence of so many last days [28, or what leads have set].")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="At most so many gaps.")
@click.option("--csv", "as_csv", is_flag=True, help="Print all of them as CSV.")
@click.option("--json", "as_json", is_flag=True, help="Print all of them as JSON.")
@click.pass_context
def command(context: click.Context, articles: Path | None, data: Path | None, limit: int, as_csv: bool, as_json: bool, **chosen) -> int:
    """List what customers ask and the articles do not answer, highest expected cost a week first.

    Whoever can read the data folder may list gaps; in the portal that takes a sign-in.
    """
    if context.invoked_subcommand:
        return 0
    from feedback.gap_list import GapFilter
    from portal.exporting import write_csv
    from portal.gap_rows import COLUMNS, describe_gap
    from portal.messages import Messages

    desk = open_desk(articles=articles, data=data)
    desk.refresh()
    gaps = desk.gaps(GapFilter(**{name: value if value is not None or name == "days" else "" for name, value in chosen.items()}))
    t = Messages("en")
    if as_csv or as_json:
        desk.note_export("gaps.csv" if as_csv else "gaps.json")
    if as_csv:
        click.echo(write_csv([describe_gap(gap, t) for gap in gaps], COLUMNS), nl=False)
    elif as_json:
        print_json([describe_gap(gap, t) for gap in gaps])
    else:
        print_gaps(gaps[:limit], total=len(gaps), t=t)
    return 0


@command.command("show")
@click.argument("gap", type=int)
@share_folders
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def show(gap: int, articles: Path | None, data: Path | None, as_json: bool) -> int:
    """One gap whole: how customers put it, why nothing answered, what it costs, who did what."""
    desk = open_desk(articles=articles, data=data)
    desk.refresh()
    detail = desk.gap(gap)
    if as_json:
        print_json(asdict(detail))
    else:
        print_detail(detail)
    return 0


@command.command("update")
@share_folders
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def update(articles: Path | None, data: Path | None, as_json: bool) -> int:
    """Judge what is new and bring the gaps up to now. A serving portal does this by itself, twice a minute."""
    done = open_chosen(articles=articles, data=data).update_gaps()
    if as_json:
        print_json(asdict(done))
    elif done.busy:
        print_line("another process is at it")
    else:
        print_line(f"{done.judged} searches judged, {done.joined} grouped, {done.opened} gaps opened, {done.reopened} reopened, {done.classified} classified")
    return 0


@command.command("expire")
@share_folders
def expire(articles: Path | None, data: Path | None) -> int:
    """Forget texts older than KB_RETENTION_DAYS; totals stay. A serving portal does this by itself, once a day."""
    from portal.command_account import command_account

    knowledge = open_chosen(articles=articles, data=data)
    gone = knowledge.expire()
    told = ", ".join(f"{name}: {count}" for name, count in asdict(gone).items())
    knowledge.audited(command_account()).note("expired", "texts", detail=told)
    print_line(f"{gone.searches} searches, {gone.opens} opens, {gone.votes} votes and {gone.questions} questions forgotten")
    return 0


@command.command("test")
@share_folders
@click.option("--json", "as_json", is_flag=True, help="Print every lost search as JSON.")
def test(articles: Path | None, data: Path | None, as_json: bool) -> int:
    """Run the standing test: whether closed gaps' searches and those that helped customers still find their article. Exits 1 when one does not.

    It also runs by itself after every change of the index. A closed gap whose searches stopped finding their article reopens.
    """
    found = open_chosen(articles=articles, data=data).test_standing(again=True)
    if as_json:
        print_json(asdict(found))
        return 1 if found.lost else 0
    print_line(f"{found.found} of {found.searches} searches find their article", bold=True)
    for lost in found.lost:
        where = f"gap {lost.gap}" if lost.gap else "helped"
        print_line(f"  {where:10} place {lost.place or '-'}  {lost.people:4} x  {lost.text}  ({lost.article})")
    for gaps, what in ((found.closed, "closed"), (found.reopened, "reopened")):
        if gaps:
            print_line(f"{what}: " + ", ".join(f"gap {gap}" for gap in gaps))
    return 1 if found.lost else 0


@command.command("cluster")
@click.argument("file", type=click.File("rb"))
@share_folders
def cluster(file, articles: Path | None, data: Path | None) -> int:
    """Group the lines of a JSONL FILE, {"id", "text", "lang"} each, by meaning, and write {"id", "cluster"} lines in their order.

    No number of groups is given or assumed. For measuring; nothing is stored. A broken line is named and stops nothing else; then
    the exit code is 1.
    """
    from portal.batch import group_lines

    return 1 if group_lines(open_chosen(articles=articles, data=data), file, groups=sys.stdout, faults=sys.stderr) else 0


def open_desk(**given: object):
    """The team's desk for whoever runs the command: who reads the data folder has every right already."""
    from portal.command_account import command_account

    return open_chosen(**given).desk(command_account())


def print_gaps(gaps, *, total: int, t) -> None:
    """Write the list: cost, interval, people, trend, kind, state, title and the reason below."""
    from portal.gap_rows import explain_kind

    if not gaps:
        print_line("No gaps.", fg="green")
        return
    print_line(f"{'gap':>5} {'cost/week':>10} {'80 % interval':>17} {'people':>7} {'7 days':>8}  {'kind':14} {'state':10} title", bold=True)
    for gap in gaps:
        trend = f"{gap.demand.before}→{gap.demand.recent}"
        interval = f"{gap.cost.low:.0f} – {gap.cost.high:.0f}"
        print_line(
            f"{gap.id:>5} {gap.cost.expected:>10.1f} {interval:>17} {gap.demand.people:>7} {trend:>8}  {gap.kind:14} {gap.state:10} {gap.title('en')}"
        )
        print_line(f"{'':6}{explain_kind(gap, t)}", dim=True)
    if total > len(gaps):
        print_line(f"{total - len(gaps)} more; --limit shows them", dim=True)


def print_detail(detail) -> None:
    """Write one gap for a person."""
    from portal.gap_rows import explain_kind
    from portal.messages import Messages

    gap, assumed = detail.gap, detail.assumptions
    print_line(f"Gap {gap.id}: {gap.title('en')}", bold=True)
    if gap.title_zh and gap.title_zh != gap.title("en"):
        print_line(f"  {gap.title_zh}")
    print_line(f"{gap.kind}, {gap.state}" + (f", {gap.owner}" if gap.owner else "") + (f", due {gap.due}" if gap.due else ""), fg="cyan")
    print_line(explain_kind(gap, Messages("en")))
    cost = gap.cost
    print_line(
        f"{cost.expected:.1f} a week ({cost.low:.1f} to {cost.high:.1f} with 80 %) = {cost.searches_per_week:.2f} searches x {cost.contact_share:.2f}"
        f" contacts x {assumed.handling_minutes:g} minutes x {assumed.cost_per_minute:g}"
    )
    print_line(f"{gap.demand.people} people, weeks: {' '.join(map(str, gap.demand.weekly))}; " + ", ".join(f"{name} {n}" for name, n in detail.evidence))
    for wording in detail.wordings[:15]:
        print_line(f"  {wording.visits:>3} {wording.lang}  {wording.text}")
    for article, title, share in gap.reason.nearest:
        print_line(f"  nearest {share:.0%}  {article}  {title}", dim=True)
    for step in detail.history:
        print_line(f"  {step.done_at:%Y-%m-%d %H:%M}  {step.account or 'kb'}  {step.action}  {step.detail}", dim=True)
