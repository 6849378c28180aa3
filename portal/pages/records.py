"""What is recorded of searches and votes."""

from __future__ import annotations

from portal.components.frame import name_tab, page_frame
from portal.current import current_knowledge
from portal.drawing import draw
from portal.guard import need
from portal.visitor import read_visitor

knowledge, visitor = current_knowledge(), read_visitor()
t = visitor.t
name_tab(knowledge.settings.title, title=t("staff_records") if visitor.account else "")
with page_frame(visitor, page="records"):
    need("agent")
    draw("staff_heading", title=t("staff_records"))
