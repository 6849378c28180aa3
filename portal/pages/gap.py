"""One gap: its evidence, and what to do about it."""

from __future__ import annotations

from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_gap") if visitor.account else "")
with page_frame(visitor, page="gap"):
    need("agent")
    draw("staff_heading", title=t("staff_gap"))
