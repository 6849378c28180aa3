"""`kb lint`: what authors should change about articles, for people, for an editor and for a pipeline."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import click

from portal.command import open_chosen, share_folders
from portal.terminal import print_json, print_line

COLUMNS = ("path", "line", "rule", "level", "fact", "remedy")
STYLES = {"error": {"fg": "red"}, "warning": {"fg": "yellow"}, "note": {"dim": True}}


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@share_folders
@click.option("--rule", "rules", multiple=True, metavar="NAME", help="Only this rule; may be given several times. --rules lists them.")
@click.option("--rules", "list_rules", is_flag=True, help="List the rules and end.")
@click.option("--strict", is_flag=True, help="Exit 1 for warnings and notes too.")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def command(
    paths: tuple[str, ...], articles: Path | None, data: Path | None, rules: tuple[str, ...], list_rules: bool, strict: bool, as_json: bool
) -> int:
    """Say what to change in the articles at each PATH, a file, a folder or an id, or in all of them.

    One line a finding, `path:line: rule: fact; remedy`, with paths as `kb index` has them. Exits 1 when there is an error: something that
    a reader runs into. That the index is missing or behind never makes it 1.
    """
    from portal.linting import RULES, NoSuchPath

    if list_rules:
        click.echo("\n".join(RULES))
        return 0
    if unknown := sorted(set(rules) - set(RULES)):
        raise click.UsageError(f"there is no rule {unknown[0]!r}; `kb lint --rules` lists them")
    try:
        findings = open_chosen(articles=articles, data=data).lint(paths or None, only=rules or None)
    except NoSuchPath as fault:
        raise click.UsageError(str(fault)) from None
    if as_json:
        print_json([{name: getattr(finding, name) for name in COLUMNS} for finding in findings])
    else:
        for finding in findings:
            print_line(str(finding), **STYLES[finding.level])
        print_total(findings)
    failing = [finding for finding in findings if finding.level == "error" or (strict and finding.rule != "index-behind")]
    return 1 if failing else 0


def print_total(findings) -> None:
    """Write how many of which level there are, apart from the findings, so that a pipe gets nothing but those."""
    counts = Counter(finding.level for finding in findings)
    told = ", ".join(f"{counts[level]} {level}{'' if counts[level] == 1 else 's'}" for level in STYLES if counts[level])
    click.echo(told or "nothing to change", file=sys.stderr)
