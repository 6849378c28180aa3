"""The house keeps its floors: imports go down only, and each heavy library has one door."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("kb", "indexer", "feedback", "portal")
DOORS = {
    "streamlit": ("portal/",),
    "faiss": ("indexer/vectors.py",),
    "sentence_transformers": ("indexer/embedder.py",),
}
MODULES = sorted(path.relative_to(ROOT).as_posix() for floor in FLOORS for path in (ROOT / floor).rglob("*.py"))


def imported(module: str) -> set[str]:
    """Every dotted name that the module imports anywhere in its text, at its top or inside a function."""
    names = set()
    for node in ast.walk(ast.parse((ROOT / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} imports relatively; name the floor"
            names.add(node.module)
    return names


def test_the_house_has_all_four_floors():
    assert {module.split("/")[0] for module in MODULES} == set(FLOORS)


@pytest.mark.parametrize("module", MODULES)
def test_a_floor_imports_only_from_floors_below_it(module):
    here = FLOORS.index(module.split("/")[0])
    above = {name for name in imported(module) if name.split(".")[0] in FLOORS[here + 1 :]}
    assert above == set()


@pytest.mark.parametrize("library", DOORS)
def test_a_heavy_library_has_one_door(library):
    users = {module for module in MODULES if library in {name.split(".")[0] for name in imported(module)}}
    assert {module for module in users if not module.startswith(DOORS[library])} == set()


@pytest.mark.parametrize("module", MODULES)
def test_sqlite_is_opened_only_by_the_database_module(module):
    imports = {name.split(".")[0] for name in imported(module)}
    if module.startswith("portal/"):
        assert not imports & {"sqlite3", "sqlite_utils"}, "doors hold no SQL"
    elif module != "kb/database.py":
        assert "sqlite3.connect" not in (ROOT / module).read_text(encoding="utf-8")


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_ever_pickled(module):
    assert not {name.split(".")[0] for name in imported(module)} & {"pickle", "shelve", "marshal", "joblib"}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_says_its_reason_to_exist_in_its_first_line(module):
    docstring = ast.get_docstring(ast.parse((ROOT / module).read_text(encoding="utf-8")))
    assert docstring or not (ROOT / module).read_text(encoding="utf-8").strip()


@pytest.mark.parametrize("module", MODULES)
def test_no_function_reaches_sixty_lines(module):
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert [node.name for node in functions if node.end_lineno - node.lineno + 1 >= 60] == []
