"""What everyone else sees at the address of a staff page: where to sign in, or that their role is not enough."""

from __future__ import annotations

from portal.addresses import STAFF_PAGES
from portal.components.frame import name_tab, page_frame
from portal.context import asked_path
from portal.current import current_knowledge
from portal.guard import need
from portal.visitor import read_visitor

asked = asked_path().strip("/")
name_tab(current_knowledge().settings.title)
with page_frame(read_visitor(), page=asked if asked in STAFF_PAGES else "home"):
    need(STAFF_PAGES.get(asked, "agent"))
