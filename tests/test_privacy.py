"""docs/privacy.md is whole: every table, every cookie, in both languages; and it says nothing of what is not there."""

import importlib
import pkgutil
import re
import sqlite3
from contextlib import closing

import pytest

from kb.database import migrate
from kb.settings import Settings
from tests.test_floors import MODULES, ROOT

PAGES = ("docs/privacy.md", "docs/privacy.zh.md")
FLOORS = ("kb", "indexer", "feedback")
PERSON = re.compile(r"account|session|address|contact|person|visitor|agent|owner|_by$|^by$|comment|reply|text|name$|user|mail|phone|subject$")
"""What a column is called that may hold something of a person."""


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    """Table -> its columns, of a database with everything that kb ever writes."""
    # Each floor's own list of tables first: a change builds on what was there before it.
    schemas = [f"{floor}.{module.name}" for floor in FLOORS for module in pkgutil.iter_modules([str(ROOT / floor)]) if module.name.endswith("schema")]
    for module in sorted(schemas, key=lambda module: not module.endswith(".schema")):
        importlib.import_module(module)
    path = tmp_path_factory.mktemp("data") / "kb.sqlite"
    migrate(path)
    with closing(sqlite3.connect(path)) as connection:
        names = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'").fetchall()]
        # What FTS5 keeps for itself beside a table of its own.
        names = [name for name in names if not re.fullmatch(r"(?:inner_)?terms_(?:config|content|data|docsize|idx)", name)]
        return {name: [column for _, column, *_ in connection.execute(f"pragma table_info({name})").fetchall()] for name in names}


def rows_of(page):
    """The table rows of each section of the page."""
    sections = (ROOT / page).read_text(encoding="utf-8").split("\n## ")[1:]
    return [[line for line in section.splitlines() if line.startswith("| ") and not line.startswith("|---")][1:] for section in sections]


def named_in(rows):
    return {name for row in rows for name in re.findall(r"`(\w+)`", row.split("|")[1])}


@pytest.mark.parametrize("page", PAGES)
def test_every_table_is_on_the_page_once_and_no_other_is(page, tables):
    customers, team, nobody = (named_in(rows) for rows in rows_of(page)[:3])
    assert customers | team | nobody == set(tables)
    assert len(customers) + len(team) + len(nobody) == len(tables)


def test_both_pages_say_the_same_of_each_table_and_file():
    english, chinese = (rows_of(page) for page in PAGES)
    assert [[sorted(named_in([row])) for row in rows] for rows in english[:3]] == [[sorted(named_in([row])) for row in rows] for rows in chinese[:3]]
    assert [len(rows) for rows in english] == [len(rows) for rows in chinese]
    assert all(row.count("|") == rows[0].count("|") and not re.search(r"\|\s*\|", row) for rows in english + chinese for row in rows), "no cell is empty"


@pytest.mark.parametrize("page", PAGES)
def test_a_table_said_to_hold_nobody_has_no_column_for_somebody(page, tables):
    nobody = named_in(rows_of(page)[2])
    found = {table: {column for column in tables[table] if PERSON.search(column)} for table in nobody}
    # Of articles, of settings that have a name, of how many: nobody's.
    known = {"articles": {"owner", "review_by"}, "gap_totals": {"person_days"}, "feedback_state": {"name"}, "feedback_keys": {"name"}, "index_state": {"name"}, "_sqlite_migrations": {"name"}}
    assert {table: columns for table, columns in found.items() if columns - known.get(table, set())} == {}


def test_what_customers_leave_is_exported_and_erased_as_the_page_says(tables):
    text = (ROOT / "feedback/personal_data.py").read_text(encoding="utf-8")
    for table in ("searches", "opens", "votes", "questions"):
        assert f'"{table}"' in text
        assert "session" in tables[table]
    assert {table for table, columns in tables.items() if "session" in columns} == {"searches", "opens", "votes", "questions"}


@pytest.mark.parametrize("page", PAGES)
def test_every_cookie_and_setting_is_named_with_its_own_value(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    set_here = {name for module in MODULES for name in re.findall(r'^[A-Z]+_COOKIE = "(\w+)"', (ROOT / module).read_text(encoding="utf-8"), re.M)}
    assert len(set_here) >= 6
    assert {name for name in set_here if f"`{name}`" not in text} == set()
    assert re.search(rf"`KB_RETENTION_DAYS`\s?[（(]{Settings().retention_days}", text)
    assert (ROOT / "tests/feedback/redaction_examples.py").is_file() and "`tests/feedback/redaction_examples.py`" in text
