"""Read the gaps: the ranked list with its filters, and everything about one of them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import datetime

from sqlite_utils import Database

from feedback.costs import Assumptions, Cost, estimate_costs, read_assumptions
from feedback.demand import Ask, Demand, count_demand, observed_weeks
from feedback.gap_kinds import Reason
from feedback.gaps import ACTIVE, GapError, follow_merges
from feedback.groups import EVIDENCE_ITEMS
from feedback.helped import count_helped, does_its_work
from feedback.history import Step, read_steps
from feedback.moments import stamp


@dataclass(frozen=True)
class GapFilter:
    """Which gaps to list; '' means any. `state` is one of STATES, or 'active' for those that wait for somebody, or 'all'."""

    kind: str = ""
    lang: str = ""
    product: str = ""
    owner: str = ""
    state: str = "active"
    days: float | None = None
    """Only evidence of so many last days; None for the assumed period."""


@dataclass(frozen=True)
class Gap:
    """One gap with what it is worth. Titles are customers' words, redacted; '' in a language in which nobody asked."""

    id: int
    title_en: str
    title_zh: str
    kind: str
    kind_by: str
    reason: Reason
    state: str
    owner: str
    due: str
    product: str
    resolution: str
    created_at: str
    closed_at: str
    langs: tuple[str, ...]
    """Languages in which it was asked, most used first."""
    products: tuple[str, ...]
    demand: Demand
    cost: Cost
    helped: int = 0
    """Visits that asked in the same words in the same period and were helped."""

    def title(self, lang: str) -> str:
        """What customers of this language call it, else what the others do, else its number: words expire, a gap does not."""
        return ((self.title_zh or self.title_en) if lang == "zh" else (self.title_en or self.title_zh)) or f"#{self.id}"


@dataclass(frozen=True)
class Wording:
    """One way in which the gap was asked: how many visits, why it is evidence, and one item of it to split off."""

    text: str
    lang: str
    visits: int
    evidence: tuple[str, ...]
    last_at: str
    items: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class GapDetail:
    """One gap whole: wordings most asked first, history latest first, how the evidence falls on its reasons, the assumptions."""

    gap: Gap
    wordings: tuple[Wording, ...]
    history: tuple[Step, ...]
    evidence: tuple[tuple[str, int], ...]
    assumptions: Assumptions
    questions: tuple[tuple[str, str, str], ...]
    """(reference, text, state) of the questions in it, latest first."""


def list_gaps(database: Database, chosen: GapFilter, *, now: datetime) -> tuple[Gap, ...]:
    """The gaps that pass the filter and have evidence in the period, highest expected cost first."""
    assumptions = read_assumptions(database)
    if chosen.days is not None:
        assumptions = replace(assumptions, period_days=float(chosen.days))
    found = _read_gaps(database, assumptions, now=now)
    return tuple(gap for gap in found if _passes(gap, chosen))


def read_gap(database: Database, gap: int, *, now: datetime) -> GapDetail:
    """One gap by its number, or by that of one that was merged into it. Raises GapError."""
    gap = follow_merges(database, gap)
    assumptions = read_assumptions(database)
    found = _read_gaps(database, assumptions, now=now, only=gap)
    if not found:
        raise GapError(f"no gap {gap}; `kb gaps` lists them")
    wordings, evidence = _read_wordings(database, gap)
    questions = database.execute(
        "select q.reference, q.text, q.state from group_members m join groups g on g.id = m.grouped join questions q on m.source = 'question'"
        " and q.id = m.source_id where g.gap = ? order by q.created_at desc",
        [gap],
    ).fetchall()
    return GapDetail(found[0], wordings, tuple(reversed(read_steps(database, "gap", gap))), evidence, assumptions, tuple(questions))


def list_choices(database: Database) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(products, owners) that a filter can name, each in order."""
    products = database.execute("select distinct product from searches where evidence != '' and product != '' order by 1").fetchall()
    owners = database.execute("select distinct owner from gaps where merged_into is null and owner != '' order by 1").fetchall()
    return tuple(name for (name,) in products), tuple(name for (name,) in owners)


def has_gaps(database: Database) -> bool:
    """Whether there is any gap, in whatever state."""
    return database.execute("select 1 from gaps where merged_into is null").fetchone() is not None


def list_single(database: Database, *, limit: int) -> tuple[tuple[str, str, str], ...]:
    """(text, language, time) of evidence that belongs to no gap yet, because one visit alone asked for it; latest first."""
    rows = database.execute(
        f"select e.text, e.lang, max(e.created_at) as at from ({EVIDENCE_ITEMS}) e join group_members m on m.source = e.source"
        " and m.source_id = e.id join groups g on g.id = m.grouped where g.gap is null group by g.id order by at desc limit ?",
        [limit],
    )
    return tuple(rows.fetchall())


def _passes(gap: Gap, chosen: GapFilter) -> bool:
    return (
        chosen.kind in ("", gap.kind)
        and (not chosen.lang or chosen.lang in gap.langs)
        and (not chosen.product or chosen.product in (gap.product, *gap.products))
        and chosen.owner in ("", gap.owner)
        and (chosen.state == "all" or gap.state == chosen.state or (chosen.state == "active" and gap.state in ACTIVE))
        and (_waits(gap) or chosen.state not in ("", "active"))
    )


def _waits(gap: Gap) -> bool:
    """Whether there is anything to do: somebody asked, and it is not so that nobody has taken it up and most who asked were helped."""
    if gap.state == "reopened":
        # Perhaps nobody has asked lately: the standing test says that it is open again.
        return True
    untouched = gap.state == "open" and not gap.kind_by
    return gap.demand.person_days > 0 and not (untouched and does_its_work(helped=gap.helped, failed=gap.demand.people))


def _read_gaps(database: Database, assumptions: Assumptions, *, now: datetime, only: int | None = None) -> list[Gap]:
    rows = list(database.query(
        "select * from gaps where merged_into is null" + (" and id = :only" if only is not None else ""), {"only": only}
    ))  # fmt: skip
    asks, langs, products = _read_asks(database, since=stamp(now - assumptions.period), only=only)
    helped = _read_helped(database, since=stamp(now - assumptions.period), only=only)
    demands = [count_demand(asks.get(row["id"], ()), now=now) for row in rows]
    (first,) = database.execute("select ifnull(min(created_at), '') from searches").fetchone()
    weeks = observed_weeks(first, period=assumptions.period, now=now)
    costs = estimate_costs(demands, weeks=weeks, assumptions=assumptions)
    gaps = [
        Gap(
            row["id"], row["title_en"], row["title_zh"], row["kind"], row["kind_by"], _read_reason(row["reason"], row["kind"]), row["state"],
            row["owner"], row["due"], row["product"], row["resolution"], row["created_at"], row["closed_at"] or "",
            _by_use(langs.get(row["id"])), _by_use(products.get(row["id"])), demand, cost, helped.get(row["id"], 0),
        )
        for row, demand, cost in zip(rows, demands, costs, strict=True)
    ]  # fmt: skip
    return sorted(gaps, key=lambda gap: (-gap.cost.expected if gap.demand.person_days else 0.0, gap.id))


def _read_asks(database: Database, *, since: str, only: int | None) -> tuple[dict, dict, dict]:
    """Of each gap the evidence since then, and how often each language and product occurs in all of it."""
    rows = database.execute(
        "select g.gap, e.session, e.address, e.created_at, e.evidence, e.lang, e.product, e.repeats, e.source = 'question' or exists"
        " (select 1 from searches s join questions q on q.search_id = s.id where s.need = e.need) as contacted"
        " from group_members m join groups g on g.id = m.grouped join ("
        " select 'search' as source, id, session, address, created_at, evidence, lang, product, repeats, need from searches where evidence != ''"
        " and audience = 'customer' union all select 'question', id, session, address, created_at, 'question', lang, product, 1, null"
        " from questions where audience = 'customer') e on e.source = m.source and e.id = m.source_id"
        " where g.gap is not null" + (" and g.gap = ?" if only is not None else ""),
        [] if only is None else [only],
    ).fetchall()
    asks: dict[int, list[Ask]] = defaultdict(list)
    langs, products = defaultdict(lambda: defaultdict(int)), defaultdict(lambda: defaultdict(int))
    for gap, session, address, at, evidence, lang, product, repeats, contacted in rows:
        langs[gap][lang] += 1
        if product:
            products[gap][product] += 1
        if at >= since:
            asks[gap].append(Ask(session, address, at, evidence, bool(contacted), repeats))
    return asks, langs, products


def _read_helped(database: Database, *, since: str, only: int | None) -> dict[int, int]:
    """Gap -> visits that were helped with the words of its groups."""
    gaps = dict(database.execute("select id, gap from groups where gap is not null" + ("" if only is None else " and gap = ?"), [] if only is None else [only]).fetchall())
    found: dict[int, int] = defaultdict(int)
    for group, visits in count_helped(database, gaps, since=since).items():
        found[gaps[group]] += visits
    return found


def _read_wordings(database: Database, gap: int) -> tuple[tuple[Wording, ...], tuple[tuple[str, int], ...]]:
    rows = database.execute(
        f"select e.vector_key, e.text, e.lang, e.session, e.evidence, e.created_at, e.source, e.id from ({EVIDENCE_ITEMS}) e"
        " join group_members m on m.source = e.source and m.source_id = e.id join groups g on g.id = m.grouped where g.gap = ?"
        " order by e.created_at desc",
        [gap],
    ).fetchall()
    by_text: dict[str, list] = defaultdict(list)
    reasons: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_text[row[0]].append(row)
        reasons[row[4]].add(row[3])
    wordings = [
        Wording(
            held[0][1], held[0][2], len({row[3] for row in held}), tuple(sorted({row[4] for row in held})), held[0][5],
            tuple((row[6], row[7]) for row in held),
        )
        for held in by_text.values()
    ]  # fmt: skip
    ordered = sorted(wordings, key=lambda wording: (-wording.visits, wording.text))
    return tuple(ordered), tuple(sorted(((name, len(sessions)) for name, sessions in reasons.items()), key=lambda item: -item[1]))


def _read_reason(stored: str, kind: str) -> Reason:
    values = json.loads(stored)
    if not values:
        return Reason(kind)
    for name in ("places", "counts", "nearest"):
        values[name] = tuple(tuple(each) if isinstance(each, list) else each for each in values[name])
    return Reason(**values)


def _by_use(counts: dict[str, int] | None) -> tuple[str, ...]:
    return tuple(sorted(counts or (), key=lambda name: -counts[name]))

