"""What runs by itself after a page was shown asks for the role again: found in the source, so that no new one is forgotten."""

from __future__ import annotations

import ast

import pytest

from portal.addresses import STAFF_PAGES
from tests.portal.callbacks import ROOT, find_alone, find_callbacks, find_calls, list_modules
from tests.portal.doors import INSIDE

MODULES = list_modules()
OF_CUSTOMERS = {
    # For whoever is there. What depends on the reader asks who that is at this moment; the rest is for who holds the session or the reference.
    "components/vote.ask_for_vote.press", "components/vote._ask_why.choose", "components/vote._ask_why.send", "components/asking.ask_question.send",
    "components/following.ask_whether_solved.press", "components/following.ask_for_rating.choose", "components/personal.offer_erasure.erase",
    "components/personal.offer_erasure.lambda",
}  # fmt: skip
OF_THE_ADDRESS = {
    # Write what was chosen into the page's own address.
    "components/choosing.choose.remember", "components/selection._choose_period.remember", "components/selection._choose_dates.remember",
}  # fmt: skip
HARMLESS = {"get", "pop", "update", "isoformat", "str", "int", "last_days"}
"""All that the latter call: methods of the address and of what widgets hold, and the calendar."""
READS_INSIDE = {
    # What pages may take from the base's inside, and why.
    ("pages/report", "is_demonstration"): "says on the report that it is one",
    ("pages/my_data", "erase_person"): "of the session of this browser",
    ("components/editing_findings", "lint_text"): "in a guarded callback",
}


def test_the_search_sees_what_it_has_to_see():
    found = {place.name for module in MODULES for place in find_callbacks(module)}
    assert {"pages/gap.act", "pages/questions.act", "pages/records.erase", "components/editing_acts.act", "components/revisions.restore"} <= found
    assert {*OF_CUSTOMERS, *OF_THE_ADDRESS} <= found
    assert {place.name for module in MODULES for place in find_alone(module)} >= {"components/editing.edit"}


@pytest.mark.parametrize("module", MODULES)
def test_every_callback_asks_for_the_role_or_is_for_everybody(module):
    unguarded = {place.name for place in find_callbacks(module) if not place.is_guarded}
    assert unguarded <= OF_CUSTOMERS | OF_THE_ADDRESS


@pytest.mark.parametrize("module", MODULES)
def test_every_fragment_asks_for_the_role(module):
    assert [place.name for place in find_alone(module) if not place.is_guarded] == []


def test_what_writes_into_the_address_does_nothing_else():
    for place in {place for module in MODULES for place in find_callbacks(module) if place.name in OF_THE_ADDRESS}:
        calls = {node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id for node in ast.walk(place.node) if isinstance(node, ast.Call)}
        assert calls <= HARMLESS, place.name


def test_files_are_offered_through_the_one_door_that_asks_again():
    offered = {place.name for module in MODULES for place, _ in find_calls(module, "download_button")}
    assert offered == {"components/downloads.offer_file", "components/personal.offer_download"}
    assert [place.name for place, _ in find_calls("components/downloads", "need_later")] == ["components/downloads.offer_file"]


@pytest.mark.parametrize("page", STAFF_PAGES)
def test_a_page_of_the_team_asks_for_the_role_with_which_it_is_listed(page):
    asked = {call.args[0].value for place, call in find_calls(f"pages/{page}", "need") if not place.around}
    assert asked == {STAFF_PAGES[page]}


def test_pages_take_from_the_base_what_asks_who_is_there():
    taken = {(module, call.func.attr) for module in MODULES for _, call in find_calls(module, *INSIDE) if _is_of_the_base(call)}
    named = {(module, node.attr) for module in MODULES for node in _attributes(module) if node.attr == "is_demonstration"}
    assert taken | named == set(READS_INSIDE)


def test_nothing_is_cached_for_one_reader_and_shown_to_another():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "portal").rglob("*.py"))
    assert "cache_data" not in source and "cache_resource" not in source


def _is_of_the_base(call: ast.Call) -> bool:
    base = getattr(call.func, "value", None)
    return getattr(base, "id", "") == "knowledge" or (isinstance(base, ast.Call) and getattr(base.func, "id", "") == "current_knowledge")


def _attributes(module: str) -> list[ast.Attribute]:
    tree = ast.parse((ROOT / "portal" / f"{module}.py").read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "knowledge"]
