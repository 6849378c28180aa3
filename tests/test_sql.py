"""No SQL is put together of what somebody typed: every part of every statement is a constant of the program; values go in as parameters."""

import ast

import pytest

from tests.sql_constants import Program
from tests.test_floors import MODULES, ROOT

# (module, part) -> why it cannot carry anybody's words.
KNOWN = {
    ("feedback.coverage", "map(str, topic.gaps)"): "numbers of rows",
    ("feedback.keeper", "map(str, changed)"): "numbers of rows",
    ("feedback.keeper", "map(str, groups)"): "numbers of rows",
    ("kb.database_checks", "quoted"): "names of tables of a file that may be damaged, quoted; a pragma takes no parameter",
}


def program(**modules: str) -> Program:
    return Program({name: ast.parse(text) for name, text in modules.items()})


def test_every_statement_is_made_of_constants():
    whole = Program({module.removesuffix(".py").replace("/", "."): ast.parse((ROOT / module).read_text(encoding="utf-8")) for module in MODULES})
    assert sum(len(whole.calls.get(name, ())) for name in ("execute", "query")) > 300
    found = set(whole.loose_sql())
    assert found - set(KNOWN) == set()
    assert set(KNOWN) - found == set(), "what is no longer there needs no excuse"


@pytest.mark.parametrize(
    "text",
    [
        "def f(db, name): db.execute(f\"select * from t where name = '{name}'\")\nf(db, input())",
        "def f(db, name): db.execute('select * from t where name = ' + name)\nf(db, open('x').read())",
        "def f(db, name): db.execute('select * from {}'.format(name))\nf(db, names[0])",
        "def f(db, name): db.execute('select * from %s' % name)",
        "def f(db, names):\n  wanted = ['1']\n  for name in names: wanted.append(f'x = {name}')\n  db.execute('select ' + ' and '.join(wanted))\nf(db, input())",
        "def f(db, a):\n  c, v = make(a)\n  db.execute(f'select {c}', v)\ndef make(a): return f'x = {a}', []\nf(db, input())",
        "def f(db, **named):\n  for name in named: db.execute(f'select {name}')",
        "class A:\n  def f(self, db): db.execute(f'select {self.name}')",
        "def f(db, column): db.query(f'select {column}')",
        "def f(db, order='id'): db.query(f'select 1 order by {order}')\nf(db, order=request.query_params['order'])",
        "def f(db):\n  sql = read()\n  db.executescript(sql)",
    ],
)
def test_a_statement_with_a_foreign_part_is_found(text):
    assert list(program(a=text).loose_sql())


@pytest.mark.parametrize(
    "text",
    [
        "T = 'searches'\ndef f(db): db.execute(f'select * from {T}')",
        "def f(db, ids): db.execute(f\"select * from t where id in ({', '.join('?' * len(ids))})\", ids)",
        "def f(db, column): db.execute(f'select {column} from t')\nf(db, 'a')\nf(db, column='b')",
        "def f(db):\n  for table, column in (('a', 'b'), ('c', 'd')): db.execute(f'select {column} from {table}')",
        "def f(db, day):\n  c, v = make(day)\n  db.execute(f'select 1 where {c}', v)\ndef make(day):\n  c, v = 'day = ?', [day]\n  c += ' and x'\n  return c, v",
        "def f(db, newest): db.execute('select 1' + (' order by id desc' if newest else ''))",
    ],
)
def test_a_statement_of_constants_is_not(text):
    assert list(program(a=text).loose_sql()) == []


def test_constants_are_followed_into_the_module_that_has_them():
    there, here = "COLUMNS = 'a, b'", "from there import COLUMNS as c\ndef f(db): db.execute(f'select {c} from t')"
    assert list(program(there=there, here=here).loose_sql()) == []
    assert list(program(there="COLUMNS = input()", here=here).loose_sql())
