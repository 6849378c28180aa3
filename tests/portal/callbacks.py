"""Finds in the source what pages hand to Streamlit to be run later, by itself: callbacks, fragments, dialogs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CALLBACKS = ("on_click", "on_change", "on_select", "on_submit", "on_dismiss")
ALONE = ("fragment", "dialog")
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True)
class Place:
    """A node and the functions around it, the innermost first."""

    module: str
    node: ast.AST
    around: tuple[Function, ...]

    @property
    def name(self) -> str:
        """Such as `components/vote.ask_for_vote.press`."""
        own = (self.node,) if isinstance(self.node, Function) else ()
        names = [getattr(one, "name", "lambda") for one in reversed((*own, *self.around))]
        return ".".join([self.module, *names])

    @property
    def is_guarded(self) -> bool:
        """Whether the function, or one that it only stands in, asks for a role each time."""
        return any(
            isinstance(decorator, ast.Call) and getattr(decorator.func, "id", "") == "guarded" for decorator in getattr(self.node, "decorator_list", ())
        )


def list_modules() -> tuple[str, ...]:
    """Pages and their components, such as `pages/gap`."""
    return tuple(sorted(str(path.relative_to(ROOT / "portal").with_suffix("")) for folder in ("pages", "components") for path in (ROOT / "portal" / folder).glob("*.py")))


@cache
def read_module(module: str) -> tuple[Place, ...]:
    """Every node of the module with the functions around it."""
    found: list[Place] = []

    def walk(node: ast.AST, around: tuple[Function, ...]) -> None:
        found.append(Place(module, node, around))
        inside = (node, *around) if isinstance(node, Function) else around
        for child in ast.iter_child_nodes(node):
            walk(child, inside)

    walk(ast.parse((ROOT / "portal" / f"{module}.py").read_text(encoding="utf-8")), ())
    return tuple(found)


def find_callbacks(module: str) -> set[Place]:
    """The functions that are handed over as callbacks in this module, wherever they come from."""
    found: set[Place] = set()
    for place in read_module(module):
        for value in _handed_over(place.node):
            if not isinstance(value, ast.Constant):  # "ignore", "rerun"
                found |= set(_resolve(module, value, place.around))
    return found


def find_alone(module: str) -> set[Place]:
    """Fragments and dialogs of this module: functions that run without the rest of their page."""
    return {
        place for place in read_module(module) for decorator in getattr(place.node, "decorator_list", ())
        if getattr(decorator.func if isinstance(decorator, ast.Call) else decorator, "attr", "") in ALONE
    }  # fmt: skip


def find_calls(module: str, *names: str) -> Iterator[tuple[Place, ast.Call]]:
    """Calls of anything with one of these names."""
    for place in read_module(module):
        if isinstance(place.node, ast.Call) and _called(place.node) in names:
            yield place, place.node


def _handed_over(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (keyword.value for keyword in node.keywords if keyword.arg in CALLBACKS)
    if isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant) and key.value in CALLBACKS)


def _called(call: ast.Call) -> str:
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _resolve(module: str, value: ast.expr, around: tuple[Function, ...]) -> Iterator[Place]:
    """The functions that the expression can be; raises LookupError when that cannot be told."""
    if isinstance(value, ast.Lambda):
        yield Place(module, value, around)
        return
    if not isinstance(value, ast.Name):
        raise LookupError(f"{module}:{value.lineno}: {ast.unparse(value)} is a callback of which nobody can tell what it runs; give it a name")
    for depth, function in enumerate(around):
        for statement in getattr(function, "body", ()) if not isinstance(function, ast.Lambda) else ():
            if getattr(statement, "name", "") == value.id:
                yield Place(module, statement, around[depth:])
                return
        if value.id in [one.arg for one in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)]:
            yield from _given(module, function, value.id)
            return
    yield from _of_module(module, value)


def _of_module(module: str, value: ast.Name) -> Iterator[Place]:
    tree = read_module(module)[0].node
    for statement in tree.body:
        if getattr(statement, "name", "") == value.id:
            yield Place(module, statement, ())
            return
        if isinstance(statement, ast.ImportFrom) and value.id in [alias.asname or alias.name for alias in statement.names]:
            name = next(alias.name for alias in statement.names if (alias.asname or alias.name) == value.id)
            yield from _of_module(statement.module.removeprefix("portal.").replace(".", "/"), ast.Name(name, lineno=statement.lineno))
            return
    raise LookupError(f"{module}:{value.lineno}: nothing is called {value.id}")


def _given(module: str, function: Function, parameter: str) -> Iterator[Place]:
    """What callers of the function give it as that parameter."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    for other in list_modules():
        for place, call in find_calls(other, getattr(function, "name", "")):
            given = next((keyword.value for keyword in call.keywords if keyword.arg == parameter), None)
            if given is None and parameter in names and names.index(parameter) < len(call.args):
                given = call.args[names.index(parameter)]
            if given is not None:
                yield from _resolve(other, given, place.around)
