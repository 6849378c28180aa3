"""Finds SQL that is put together of anything but constants: follows each part back to where it was written, through names, calls and returns."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

RUNS = ("execute", "executemany", "executescript", "query")
NUMBERS = ("int", "len", "round", "bool")
SHAPES = ("strip", "lower", "upper", "lstrip", "rstrip", "removeprefix", "removesuffix", "replace", "format", "join")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
EACH = -1
"""A step of a path: into any of the things that a loop goes through. Steps from 0 on lead to a place of a tuple."""
KEY, VALUE = -2, -3
"""Steps into a dictionary: any of its keys, any of its values."""
Path = tuple[int, ...]


@dataclass
class Program:
    """The modules of a program by dotted name, ready to be looked up in."""

    modules: Mapping[str, ast.Module]
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)
    module_of: dict[ast.AST, str] = field(default_factory=dict)
    calls: dict[str, list[ast.Call]] = field(default_factory=dict)
    functions: dict[str, list[ast.FunctionDef]] = field(default_factory=dict)
    given: dict[ast.AST, dict[str, list[tuple[ast.expr, Path]]]] = field(default_factory=dict)
    """Scope -> name -> (what was given to it, where in that)."""
    asked: set[tuple] = field(default_factory=set)

    def __post_init__(self) -> None:
        for name, tree in self.modules.items():
            for node in ast.walk(tree):
                self.module_of[node] = name
                self.parents |= {child: node for child in ast.iter_child_nodes(node)}
                if isinstance(node, ast.Call):
                    self.calls.setdefault(_called(node), []).append(node)
                if isinstance(node, FUNCTIONS):
                    self.functions.setdefault(node.name, []).append(node)
        for node in list(self.parents):
            for name, value, path in _writes(node):
                self.given.setdefault(self._scope_of(node), {}).setdefault(name, []).append((value, path))

    def loose_sql(self) -> Iterator[tuple[str, str]]:
        """(module, part) of every SQL text that runs and has a part that is not known to be a constant."""
        for name in RUNS:
            for call in self.calls.get(name, ()):
                if isinstance(call.func, ast.Attribute) and call.args:
                    for part in self._loose(call.args[0], ()):
                        yield self.module_of[call], ast.unparse(part)

    def _loose(self, node: ast.expr, path: Path) -> list[ast.expr]:
        """The parts at this path of the expression that are not known to be constants."""
        match node:
            case ast.Constant():
                return []
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts) if path and path[0] != EACH:
                return self._loose(parts[path[0]], path[1:]) if path[0] < len(parts) else [node]
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts) | ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
                return self._all(parts, path[1:] if path and not isinstance(node, ast.BoolOp) else path)
            case ast.FormattedValue(value=value) | ast.Starred(value=value) | ast.Subscript(value=value) | ast.NamedExpr(value=value):
                return self._loose(value, path)
            case ast.BinOp(left=left, op=ast.Add() | ast.BitOr(), right=right):
                return self._all([left, right], path)
            case ast.BinOp(left=text, op=ast.Mult()):
                return self._loose(text, path)
            case ast.IfExp(body=one, orelse=other):
                return self._all([one, other], path)
            case ast.Dict(keys=keys, values=values):
                return self._all(([] if path[:1] == (VALUE,) else [key for key in keys if key]) + ([] if path[:1] in ((KEY,), (EACH,)) else values), path[1:])
            case ast.GeneratorExp(elt=each) | ast.ListComp(elt=each) | ast.SetComp(elt=each):
                return self._loose(each, path[1:])
            case ast.DictComp(key=key, value=value):
                return self._all(([] if path[:1] == (VALUE,) else [key]) + ([] if path[:1] in ((KEY,), (EACH,)) else [value]), path[1:])
            case ast.Name():
                return [] if self._is_constant(node, path) else [node]
            case ast.Call():
                return self._loose_call(node, path)
        return [node]

    def _all(self, nodes: Sequence[ast.expr], path: Path = ()) -> list[ast.expr]:
        return [part for node in nodes for part in self._loose(node, path)]

    def _loose_call(self, node: ast.Call, path: Path) -> list[ast.expr]:
        name, inputs = _called(node), [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(node.func, ast.Attribute):
            of = node.func.value
            if name in SHAPES:
                return self._all([of, *inputs])
            if name in ("items", "keys", "values") and path[:1] == (EACH,):
                is_key = name == "keys" or (name == "items" and path[1:2] == (0,))
                return self._loose(of, (KEY if is_key else VALUE, *path[2 if name == "items" else 1 :]))
            if name in ("get", "copy"):
                return self._loose(of, (VALUE, *path) if name == "get" else path) + self._all(inputs[1:], path)
            return [node]
        if name in NUMBERS:
            return []
        if name == "map":
            # Of constants whatever is made is one, of anything only a number is.
            return [] if isinstance(node.args[0], ast.Name) and node.args[0].id in NUMBERS else [node] if self._all(node.args[1:]) else []
        if name in ("max", "min"):
            return self._all(node.args, (EACH, *path)) + self._all([keyword.value for keyword in node.keywords if keyword.arg == "default"], path)
        if name in ("tuple", "list", "sorted", "zip", "dict", "set", "frozenset"):
            return self._all(node.args, path)
        found = self.functions.get(name, [])
        functions = [function for function in found if self.module_of[function] == self.module_of[node]] or found
        asked = ("call", name, path)
        if not functions or asked in self.asked:
            return [] if functions else [node]
        self.asked.add(asked)
        try:
            returned = [inner.value for function in functions for inner in ast.walk(function) if isinstance(inner, ast.Return) and inner.value]
            return self._all(returned, path) if returned else [node]
        finally:
            self.asked.discard(asked)

    # Names

    def _is_constant(self, node: ast.Name, path: Path) -> bool:
        scope = self._scope_of(node)
        asked = (scope, node.id, path)
        if asked in self.asked:
            return True  # Round in a circle: whatever it is made of is asked elsewhere.
        self.asked.add(asked)
        try:
            while True:
                if node.id in self.given.get(scope, {}):
                    return not [part for value, place in self.given[scope][node.id] for part in self._loose(value, place + path)]
                if isinstance(scope, ast.Module):
                    return self._is_constant_import(scope, node.id, path)
                if node.id in _parameters(scope):
                    return self._is_called_with_constants(scope, node.id, path)
                scope = self._scope_of(scope)
        finally:
            self.asked.discard(asked)

    def _scope_of(self, node: ast.AST) -> ast.AST:
        node = self.parents[node]
        while not isinstance(node, (*FUNCTIONS, ast.Module)):
            node = self.parents[node]
        return node

    def _is_called_with_constants(self, function: ast.FunctionDef, name: str, path: Path) -> bool:
        arguments = function.args
        positional = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        defaults = dict(zip(positional[::-1], arguments.defaults[::-1], strict=False))
        defaults |= {argument.arg: default for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if default}
        is_method = isinstance(self.parents[function], ast.ClassDef)
        given = [defaults[name]] if name in defaults else []
        for call in self.calls.get(function.name, ()):
            if isinstance(call.func, ast.Attribute) != is_method or (function.name.startswith("_") and self.module_of[call] != self.module_of[function]):
                continue
            skipped = len(positional) if arguments.vararg and arguments.vararg.arg == name else positional.index(name) if name in positional else len(call.args)
            own = call.args[skipped - (is_method and positional[:1] in (["self"], ["cls"])) :]
            named = [keyword.value for keyword in call.keywords if keyword.arg == name]
            given += named or (own if arguments.vararg and arguments.vararg.arg == name else own[:1])
        return bool(given) and not self._all(given, path[1:] if arguments.vararg and arguments.vararg.arg == name else path)

    def _is_constant_import(self, module: ast.Module, name: str, path: Path) -> bool:
        for inner in module.body:
            if isinstance(inner, ast.ImportFrom) and inner.module in self.modules:
                for alias in inner.names:
                    if (alias.asname or alias.name) == name:
                        there = self.modules[inner.module]
                        values = self.given.get(there, {}).get(alias.name)
                        return not [part for value, place in values for part in self._loose(value, place + path)] if values else self._is_constant_import(there, alias.name, path)
        return False


def _writes(node: ast.AST) -> Iterator[tuple[str, ast.expr, Path]]:
    """(name, value, place in the value) of what the statement or comprehension gives to names, and of what it adds to lists."""
    match node:
        case ast.Assign(targets=targets, value=value):
            for target in targets:
                yield from _names(target, value, ())
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value) | ast.NamedExpr(target=target, value=value):
            yield from _names(target, value, ())
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            yield from _names(target, value, (EACH,))
        case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" | "extend"), args=[value]):
            yield name, ast.List([value], ast.Load()) if node.func.attr != "extend" else value, ()


def _names(target: ast.expr, value: ast.expr, path: Path) -> Iterator[tuple[str, ast.expr, Path]]:
    if isinstance(target, ast.Name):
        yield target.id, value, path
    elif isinstance(target, ast.Tuple | ast.List):
        for place, part in enumerate(target.elts):
            yield from _names(part.value if isinstance(part, ast.Starred) else part, value, (*path, place))
    elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
        yield target.value.id, value, path


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""


def _parameters(function: ast.AST) -> set[str]:
    arguments = function.args
    return {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *filter(None, [arguments.vararg]))}
