"""A target as a person reads it: its name, figure and goal, and everything that has to stand beside them."""

from __future__ import annotations

import math

from feedback.targets import Target
from portal.figure_words import NOTHING
from portal.messages import Messages
from portal.trend_words import say_seconds, shorten_number

PART_UNITS = {
    "confirmed": "count", "implicit": "count", "unknown": "count", "unresolved": "count", "handled": "count", "handled_rated": "count",
    "answer_rate": "share", "waiting": "count", "median_minutes": "minutes", "slowest_tenth_minutes": "minutes", "median_hours": "hours",
    "slowest_tenth_hours": "hours", "still_open": "count", "open_answered": "count", "oldest_open_hours": "hours", "outages": "count",
    "down_seconds": "seconds", "longest_seconds": "seconds", "watched_share": "share", "forgotten": "count",
}  # fmt: skip
"""Figures that stand beside a target, and what they are counted in."""
# Of nothing that is down or waits there is no longest.
_ONLY_IF_ANY = ("oldest_open_hours", "longest_seconds", "down_seconds", "open_answered")
_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3600}


def say_name(t: Messages, target: Target) -> str:
    """What the target is called, with the minutes that the company promises."""
    return t(f"target_{target.name}", minutes=_promised(target))


def say_definition(t: Messages, target: Target) -> str:
    """What is counted, in a sentence."""
    return t(f"target_{target.name}_what", minutes=_promised(target))


def say_goal(t: Messages, target: Target) -> str:
    """At least 60%, at most 4 h."""
    goal = f"{100 * target.goal:g}%" if target.unit == "share" else _say_figure(t, target, target.goal)
    return t("target_at_least" if target.at_least else "target_at_most", figure=goal)


def say_value(t: Messages, target: Target) -> str:
    """The figure; a share of few cases as how many of how many; a dash, never a nought, where there is none."""
    if target.value is None:
        return NOTHING
    if target.light == "few" and target.unit == "share":
        return t("figure_few", part=f"{target.numerator:.0f}", whole=f"{target.denominator:.0f}")
    return _say_figure(t, target, target.value)


def say_bounds(t: Messages, target: Target) -> str:
    """The interval of 95 %; a dash where there is none, and of few cases, of which it would say too much."""
    if target.interval is None or target.light == "few":
        return NOTHING
    low, high = (_say_figure(t, target, bound) for bound in target.interval)
    return f"{low}–{high}"


def say_counted(t: Messages, target: Target) -> str:
    """What the figure is made of: 31 of 50 requests, ratings: 24; a dash when there was nothing to count."""
    if not target.denominator:
        return NOTHING
    if target.name == "availability" and target.denominator >= 2 * _SECONDS["hours"]:
        return t("target_availability_counted", part=f"{target.numerator / 3600:.1f}", whole=f"{target.denominator / 3600:.1f}")
    if target.name == "availability":
        return t("figure_few", part=say_seconds(t, target.numerator), whole=say_seconds(t, target.denominator))
    return t(f"target_{target.name}_counted", part=f"{target.numerator:.0f}", whole=f"{target.denominator:.0f}")


def say_why(t: Messages, target: Target) -> str:
    """What the light means where it is neither green nor red: why there is no figure, or none that says enough. '' otherwise."""
    if target.light == "unknown":
        return t(f"target_why_{target.why}")
    return {"few": t("target_few"), "close": t("target_close")}.get(target.light, "")


def say_parts(t: Messages, target: Target) -> list[tuple[str, str]]:
    """(what it is, figure) of everything that belongs beside the target. Without a figure, noughts say nothing and are left out."""
    known = [(code, number) for code, number in target.parts if code in PART_UNITS and (number or (target.value is not None and code not in _ONLY_IF_ANY))]
    told = [(t(f"part_{code}"), _say_part(t, code, number)) for code, number in known]
    return [*told, (t("part_pending"), f"{target.pending}")] if target.pending else told


def place_on_scale(target: Target) -> dict[str, float] | None:
    """Where goal, value and interval lie on a line, in percent of its width from the left; None without a figure or of few cases."""
    if target.value is None or target.light == "few":
        return None
    low, high = target.interval or (target.value, target.value)
    begin, end = min(low, target.value, target.goal), max(high, target.value, target.goal)
    room = 0.12 * (end - begin) or 0.1 * target.goal
    begin, end = begin - room, end + room
    places = {"goal": target.goal, "value": target.value, "low": low, "high": high}
    return {name: round(100 * (number - begin) / (end - begin), 1) for name, number in places.items()}


def _promised(target: Target) -> str:
    return f"{dict(target.parts).get('within_minutes', 0):.0f}"


def _say_part(t: Messages, code: str, number: float) -> str:
    unit = PART_UNITS[code]
    if unit in _SECONDS:
        return say_seconds(t, number * _SECONDS[unit])
    return f"{number:.0%}" if unit == "share" else f"{number:,.0f}"


def _say_figure(t: Messages, target: Target, number: float) -> str:
    if target.unit == "hours":
        return t("figure_hours", number=shorten_number(number))
    if target.unit == "stars":
        return f"{number:.1f}"
    if target.name == "availability":
        # Cut, not rounded: 99.899 % of the time is not the promised 99.9 %.
        return f"{math.floor(number * 10_000 + 1e-9) / 100:.2f}%"
    return f"{number:.1%}"
