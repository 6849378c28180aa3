"""What the author should change, found by the rules of writing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from portal.drawing import draw
from portal.linting import describe_finding
from portal.messages import Messages

if TYPE_CHECKING:
    from kb.lint_findings import Finding


def show_findings(t: Messages, findings: Sequence[Finding]) -> None:
    """The findings, errors first; nothing is drawn without any."""
    if findings:
        levels = {"error": t("edit_level_error"), "warning": t("edit_level_warning"), "note": t("edit_level_note")}
        order = list(levels)
        ordered = sorted(findings, key=lambda one: (order.index(one.level), one.line or 0))
        draw("edit_findings", t=t, findings=[(one, *describe_finding(one, t)) for one in ordered], levels=levels)
