"""What a gap is expected to cost in a week, with an interval and its assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from functools import lru_cache

import numpy as np
from sqlite_utils import Database

from feedback.demand import Demand
from feedback.history import add_step
from kb.errors import KnowledgeBaseError

_DRAWS = 2000
_SEED = 20_260_101


class AssumptionError(KnowledgeBaseError):
    """An assumption has a value that cannot be used."""


@dataclass(frozen=True)
class Assumptions:
    """What the cost of a gap rests on beside what was counted. Leads can change each; every change is in the history."""

    handling_minutes: float = 20.0
    """Minutes of staff time for one contact."""
    cost_per_minute: float = 1.0
    """Cost of a minute of staff time, in the company's currency."""
    contact_share: float = 0.3
    """Share of people with an unanswered question who contact the team, before anything was counted."""
    contact_weight: float = 4.0
    """How many counted people that share weighs as much as."""
    period_days: float = 28.0
    """Days of evidence that are counted."""

    @property
    def period(self) -> timedelta:
        return timedelta(days=self.period_days)


LIMITS = {
    "handling_minutes": (0.0, 10_000.0), "cost_per_minute": (0.0, 1_000_000.0), "contact_share": (0.001, 0.999),
    "contact_weight": (0.1, 1000.0), "period_days": (1.0, 365.0),
}  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """Expected cost a week, the 10 % and 90 % quantiles around it, and the factors: contacts = searches x share."""

    expected: float
    low: float
    high: float
    searches_per_week: float
    contact_share: float


def estimate_costs(demands: Sequence[Demand], *, weeks: float, assumptions: Assumptions) -> list[Cost]:
    """The cost of each demand: searches per week x share that ends in a contact x handling minutes x cost per minute.

    Searches (a person once a day) are Poisson with the Jeffreys prior, so their rate is Gamma(n + 1/2) / weeks. The share is Beta around
    the assumed one, weighing `contact_weight` people, moved by those counted. The 80 % interval is that of the product of both.
    """
    return [_estimate(demand.person_days, demand.contacts, weeks, assumptions) for demand in demands]


@lru_cache(maxsize=4096)
def _estimate(counted: int, contacts: int, weeks: float, assumptions: Assumptions) -> Cost:
    yes = assumptions.contact_share * assumptions.contact_weight + contacts
    no = (1 - assumptions.contact_share) * assumptions.contact_weight + counted - contacts
    rate, share = (counted + 0.5) / weeks, yes / (yes + no)
    each = assumptions.handling_minutes * assumptions.cost_per_minute
    # One seed for all: the same counts always give the same interval, in every list.
    generator = np.random.default_rng(_SEED)
    draws = generator.gamma(counted + 0.5, size=_DRAWS) / weeks * generator.beta(yes, no, size=_DRAWS)
    low, high = np.quantile(draws, (0.1, 0.9)) * each
    return Cost(rate * share * each, float(low), float(high), rate, share)


def read_assumptions(database: Database) -> Assumptions:
    """The assumptions in force."""
    stored = {name: float(value) for name, value in database.execute("select name, value from assumptions").fetchall()}
    return replace(Assumptions(), **{field.name: stored[field.name] for field in fields(Assumptions) if field.name in stored})


def write_assumption(database: Database, name: str, value: float, *, account: str, at: str) -> None:
    """Change one assumption. Raises AssumptionError when there is no such one or the value is outside its limits."""
    if name not in LIMITS:
        raise AssumptionError(f"no assumption {name!r}; there are {', '.join(LIMITS)}")
    low, high = LIMITS[name]
    if not low <= value <= high:
        raise AssumptionError(f"{name} is {value:g}; want {low:g} to {high:g}")
    old = getattr(read_assumptions(database), name)
    database["assumptions"].upsert({"name": name, "value": f"{value:g}", "set_by": account, "set_at": at}, pk="name")
    change = f"{old:g} -> {value:g}"
    add_step(database, "assumption", name, "changed", detail=change, account=account, at=at, audit=change)
