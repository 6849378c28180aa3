"""Front matter changed field by field: every line that belongs to no changed field stays as its author wrote it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import yaml

from kb.frontmatter import FrontMatterFault, compose_fields, split_front_matter

Value = str | date | Sequence[str] | None

_IN_BRACKETS = ("tags",)
"""Lists that are written in one line, as [one, two], where a field is new. Tags are words; other lists hold sentences."""
_WIDTH = 1_000_000


def set_fields(text: str, changes: Mapping[str, Value]) -> str:
    """`text` with these fields set; None, '' or an empty list removes a field. A new field comes last.

    Comments, the order and all other fields stay. A value is one line: white space within it counts as one space, as in reading.
    Front matter is added where there is none. Raises FrontMatterFault when what is there is not YAML of one field per line.
    """
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    source, rest = split_front_matter(text.removeprefix("\ufeff"))
    wanted = {name: _normal(value) for name, value in changes.items()}
    if source is None:
        head = "".join(_entry(name, value) for name, value in wanted.items() if value)
        return f"{mark}---\n{head}---\n\n{rest.lstrip(chr(10))}" if head else text
    for name, value in wanted.items():
        # One field at a time, because each change moves the places of the fields behind it.
        source = _set_field(source, name, value)
    opening = text.removeprefix("\ufeff").split("\n", 1)[0]
    return f"{mark}{opening}\n{source}{rest}"


def _normal(value: Value) -> str | date | list[str] | None:
    if isinstance(value, date):
        return value
    if isinstance(value, str):
        return " ".join(value.split())
    return list(dict.fromkeys(text for entry in value or () if (text := " ".join(entry.split())))) or None


def _set_field(source: str, name: str, value: str | date | list[str] | None) -> str:
    root = compose_fields(source)
    if root and root.flow_style:
        raise FrontMatterFault(2, "front matter is written in braces; write one `name: value` per line")
    entries = root.value if root else []
    found = [entry for entry in entries if entry[0].value == name]
    if not value:
        for key, node in reversed(found):
            start = _line_start(source, key.start_mark.index)
            source = source[:start] + source[_line_end(source, _end(source, node)) :]
        return source
    if not found:
        indent = " " * (entries[0][0].start_mark.column if entries else 0)
        if source and not source.endswith("\n"):
            source += "\n"
        return source + "".join(f"{indent}{line}\n" for line in _entry(name, value).splitlines())
    # Of a field that is written twice, the last one counts.
    key, node = found[-1]
    return source if _holds(node, value) else _replace(source, key, node, value)


def _replace(source: str, key: yaml.Node, node: yaml.Node, value: str | date | list[str]) -> str:
    start, end = node.start_mark.index, _end(source, node)
    indent = " " * key.start_mark.column
    if isinstance(node, yaml.SequenceNode) and isinstance(value, list):
        if node.flow_style:
            return source[:start] + _flow(value) + source[end:]
        return _replace_items(source, node, value)
    # The value follows its colon, and stays before a comment on the same line.
    colon = source.index(":", key.end_mark.index) + 1
    if isinstance(value, list):
        written = _flow(value) if key.value in _IN_BRACKETS else "".join(f"\n{indent}  - {_scalar(entry)}" for entry in value)
    else:
        written = value.isoformat()[:10] if isinstance(value, date) else _scalar(value)
    lead = "" if written.startswith("\n") else " "
    if start > colon and source[colon:start].strip(" ") == "" and lead:
        colon, lead = start, ""
    return source[:colon] + lead + written + source[end:]


def _replace_items(source: str, node: yaml.SequenceNode, value: list[str]) -> str:
    """The list with each entry that stays in its own lines, together with the comments above it."""
    first = _line_start(source, node.start_mark.index)
    at, kept = first, {}
    for entry in node.value:
        end = _line_end(source, _end(source, entry))
        kept.setdefault(_text_of(entry), source[at:end])
        at = end
    indent = " " * node.start_mark.column
    lines = (kept.get(text) or f"{indent}- {_scalar(text)}\n" for text in value)
    return source[:first] + "".join(line if line.endswith("\n") else f"{line}\n" for line in lines) + source[at:]


def _holds(node: yaml.Node, value: str | date | list[str]) -> bool:
    """Whether the field says this already, however it is written."""
    if isinstance(value, list):
        return isinstance(node, yaml.SequenceNode) and [_text_of(entry) for entry in node.value] == value
    return _text_of(node) == (value.isoformat()[:10] if isinstance(value, date) else value)


def _text_of(node: yaml.Node) -> str | None:
    """What the node says when it is text; None for a number, a truth value, nothing, or a structure."""
    is_text = isinstance(node, yaml.ScalarNode) and node.tag == yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG
    return " ".join(node.value.split()) if is_text else None


def _end(source: str, node: yaml.Node) -> int:
    """Where the node's own text ends. YAML ends a block only where the next thing begins, behind the comments between them."""
    if isinstance(node, yaml.ScalarNode):
        if node.style in ("|", ">"):
            return len(source[: node.end_mark.index].rstrip(" \n"))
        return node.end_mark.index
    if node.flow_style or not node.value:
        return node.end_mark.index
    last = node.value[-1]
    return _end(source, last[1] if isinstance(last, tuple) else last)


def _line_start(source: str, index: int) -> int:
    return source.rfind("\n", 0, index) + 1


def _line_end(source: str, index: int) -> int:
    """Behind the line break of the line that holds `index`."""
    return source.find("\n", index) + 1 or len(source)


def _entry(name: str, value: str | date | list[str]) -> str:
    """The lines of a new field."""
    if isinstance(value, list):
        if name in _IN_BRACKETS:
            return f"{name}: {_flow(value)}\n"
        return f"{name}:\n" + "".join(f"  - {_scalar(text)}\n" for text in value)
    return f"{name}: {value.isoformat()[:10] if isinstance(value, date) else _scalar(value)}\n"


def _scalar(text: str) -> str:
    """The text as YAML reads it back as that text: in quotes where it would be a number, a date, a truth value or a structure."""
    written = yaml.safe_dump({"k": text}, allow_unicode=True, width=_WIDTH)
    return written.removeprefix("k:").strip()


def _flow(texts: list[str]) -> str:
    return yaml.safe_dump(texts, allow_unicode=True, width=_WIDTH, default_flow_style=True).strip()
