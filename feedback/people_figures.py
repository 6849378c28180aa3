"""Who closed gaps, and with proof: what a team can be proud of, and nothing else about anybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlite_utils import Database

from feedback.gap_steps import GapStep, read_gap_steps, read_heirs
from feedback.moments import read_stamp
from feedback.periods import Selection


@dataclass(frozen=True)
class PersonFigures:
    """Gaps that one member of staff owned and that were closed in the period: with a proof that held, and in all; and those of them that have reopened."""

    name: str
    closed_with_proof: int
    closed: int
    reopened: int


def read_people(database: Database, selection: Selection) -> tuple[PersonFigures, ...]:
    """By owner, most gaps closed with proof first. Only what was closed: nothing of what anybody reads or when they work.

    A gap without owner is of whoever closed it, or published the article that did; a gap that nobody is named for is left out.
    """
    # Closed twice in the period, a gap is one gap: its latest closing counts.
    closings = {step.gap: step for step in read_gap_steps(database, selection) if step.action == "closed"}
    heirs = read_heirs(database)
    gaps = {id: (owner, state) for id, owner, state in database.execute("select id, owner, state from gaps").fetchall()}
    proofs = _read_proofs(database, heirs)
    closed, with_proof, reopened = Counter(), Counter(), Counter()
    for gap, step in closings.items():
        heir = heirs.get(gap, gap)
        before = _accounts_before(step, proofs.get(heir, []))
        (owner, _), (_, state) = gaps[gap], gaps[heir]
        name = owner or step.account or next((account for account in reversed(before) if account), "")
        if name:
            closed[name] += 1
            with_proof[name] += bool(before)
            reopened[name] += state == "reopened"
    people = [PersonFigures(name, with_proof[name], closed[name], reopened[name]) for name in closed]
    return tuple(sorted(people, key=lambda person: (-person.closed_with_proof, -person.closed, person.name)))


def _read_proofs(database: Database, heirs: dict[int, int]) -> dict[int, list[tuple[str, str]]]:
    """Gap -> (stamp, account) of its proofs that held, in order."""
    found: dict[int, list[tuple[str, str]]] = {}
    for gap, at, account in database.execute(
        "select gap, ifnull(settled_at, at) as settled, account from proofs where gap is not null and state = 'held' order by settled, id"
    ).fetchall():
        found.setdefault(heirs.get(gap, gap), []).append((at, account))
    return found


def _accounts_before(closing: GapStep, proofs: list[tuple[str, str]]) -> list[str]:
    return [account for at, account in proofs if read_stamp(at) <= closing.done_at]
