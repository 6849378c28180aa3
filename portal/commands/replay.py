"""`kb replay`: what customers' past searches say about a draft, without publishing it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from portal.command import choose_settings, open_chosen, share_folders
from portal.terminal import print_json, print_line

SHOWN = 10

SAID = {
    "closes": "may be published: it answers the gap",
    "harmless": "may be published: it takes nothing away from the searches that work",
    "unwritten": "is not written yet: it says nothing below its title, or has dots where words should be",
    "no_searches": "cannot be judged: the gap has no searches",
    "not_found": "does not close the gap: most of its searches do not find the draft",
    "not_first": "does not close the gap: most of its searches find another article first",
    "unsure": "does not close the gap: it comes first, but the search doubts that it answers",
    "harms": "does harm: working searches lose the article that helps them",
}
ADVICE = {
    "placeholders": "write what stands for dots: {}",
    "words": "customers' words that the draft lacks: {}",
    "competitor": "{} comes first for {} people",
    "long_passage": "passage {} is {} tokens long; cut it into sections",
    "visibility": "its visibility is {}: the public will not find it",
    "filters": "some searches were narrowed to another product, language or tag than the draft's",
    "already_first": "it comes first today already: whether it helps, votes will say",
}


@click.command()
@click.argument("drafts", nargs=-1, required=True, metavar="DRAFT...", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@share_folders
@click.option("--gap", type=int, default=None, help="The gap that the draft is to close [the field `gap` of its front matter, else none].")
@click.option("--as", "article_id", metavar="ID", help="The id under which the draft will be saved [its path below the articles folder].")
@click.option("--json", "as_json", is_flag=True, help="Print every search as JSON.")
def command(drafts: tuple[Path, ...], articles: Path | None, data: Path | None, gap: int | None, article_id: str | None, as_json: bool) -> int:
    """Replay stored searches against the live index with each DRAFT laid over it; nothing is published or written.

    With a gap, its searches must find the draft first. Without one, the draft must only take nothing away from the searches that work today.
    The exit code is 1 when any draft should not be published as it is: fit for checking a pull request of articles.
    """
    if article_id and len(drafts) > 1:
        raise click.UsageError("--as names one draft; give the drafts one by one")
    settings = choose_settings(articles=articles, data=data)
    knowledge = open_chosen(articles=articles, data=data)
    found = [_replay(knowledge, path, settings.articles, gap=gap, article_id=article_id) for path in drafts]
    if as_json:
        print_json([asdict(each) | {"may_publish": each.may_publish} for each in found])
    else:
        for each in found:
            print_replay(each)
    return 0 if all(each.may_publish for each in found) else 1


def _replay(knowledge, path: Path, folder: Path, *, gap: int | None, article_id: str | None):
    from feedback.gaps import gap_of_draft
    from kb.articles import load_article

    inside = path.resolve().is_relative_to(folder.resolve())
    id = article_id or (path.resolve().relative_to(folder.resolve()).with_suffix("").as_posix() if inside else path.stem)
    draft = load_article(path.resolve(), folder.resolve())
    return knowledge.replay(path.read_text("utf-8"), id, gap=gap if gap is not None else gap_of_draft(draft))


def print_replay(replay) -> None:
    """Write the verdict, what stands in the way, and the searches that changed."""
    print_line(f"{replay.article} {SAID[replay.verdict]}", bold=True, fg="green" if replay.may_publish else "red")
    if replay.own:
        people = sum(each.people for each in replay.own)
        print_line(f"{replay.closes:.0%} of {people} people are answered, mean confidence {replay.confidence:.2f}")
    lost = sum(each.people for each in replay.harmed)
    print_line(f"{len(replay.working)} working searches replayed: {lost} people lose what helps them, {sum(e.people for e in replay.moved)} find something better")
    for advice in replay.advice:
        values = (", ".join(advice.values),) if advice.code in ("words", "placeholders") else advice.values
        print_line("  " + ADVICE[advice.code].format(*values), fg="yellow")
    _print_searches("the gap's searches (place of the draft)", replay.own)
    _print_searches("searches that lose what helps them (place of their article)", replay.harmed)
    _print_searches("searches that find something better (place of what they read)", replay.moved)


def _print_searches(title: str, searches) -> None:
    if not searches:
        return
    print_line(title, dim=True)
    for each in searches[:SHOWN]:
        places = f"{_place(each.before)} -> {_place(each.after)}"
        print_line(f"  {places:9} {each.confidence_before:.2f} -> {each.confidence_after:.2f}  {each.people:4} x  {each.text}")
    if len(searches) > SHOWN:
        print_line(f"  and {len(searches) - SHOWN} more", dim=True)


def _place(place: int) -> str:
    return str(place) if place else "-"
