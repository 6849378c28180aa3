"""The targets as traffic lights: each differs from the others by shape, sign and word, and only then by colour."""

from __future__ import annotations

from collections.abc import Sequence

from feedback.targets import Target
from portal import target_words
from portal.drawing import draw
from portal.figure_words import NOTHING
from portal.messages import Messages
from portal.report_tables import MARKS, say_lights


def show_targets(t: Messages, targets: Sequence[Target], before: Sequence[Target]) -> None:
    """The targets of a period, with what their values were in the one before."""
    earlier = {target.name: target for target in before}
    described = [_describe(t, target, earlier[target.name]) for target in targets]
    draw("targets", t=t, targets=described, said=say_lights(t, targets), marks=MARKS)


def _describe(t: Messages, target: Target, earlier: Target) -> dict[str, object]:
    beside = [(t("coverage_interval"), target_words.say_bounds(t, target)), (t("target_counted"), target_words.say_counted(t, target))]
    return {
        "name": target_words.say_name(t, target), "definition": target_words.say_definition(t, target), "light": target.light,
        "value": target_words.say_value(t, target), "goal": target_words.say_goal(t, target), "why": target_words.say_why(t, target),
        "scale": target_words.place_on_scale(target),
        "parts": [*((name, figure) for name, figure in beside if figure != NOTHING), (t("target_before"), target_words.say_value(t, earlier)), *target_words.say_parts(t, target)],
    }  # fmt: skip
