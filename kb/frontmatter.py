"""YAML front matter to typed fields, with the line of every fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import yaml

from kb.errors import KnowledgeBaseError
from kb.language import primary_language
from kb.readers import STATUSES, VISIBILITIES

MAX_FRONT_MATTER_CHARACTERS = 64_000
_NULL = "tag:yaml.org,2002:null"
_TIMESTAMP = "tag:yaml.org,2002:timestamp"
_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt ].*)?")


class FrontMatterFault(KnowledgeBaseError):
    """Front matter that cannot be used. Carries `line` (of the file, 1-based) and `fact`."""

    def __init__(self, line: int | None, fact: str) -> None:
        self.line, self.fact = line, fact
        super().__init__(fact)


@dataclass(frozen=True)
class FrontMatter:
    """The typed fields of one article; `extra` keeps every field kb does not know, as YAML values with text keys."""

    fields: Mapping[str, object] = field(default_factory=dict)
    extra: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    """Line of the file on which each field stands."""
    body: str = ""
    body_line: int = 1


class PlainLoader(yaml.SafeLoader):
    """Safe YAML in which dates stay text and aliases are refused."""

    # An impossible date such as 2024-13-45 is then reported as a field's fault, with the remedy, not as a crash of YAML.
    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        if self.check_event(yaml.AliasEvent):
            # A few nested aliases expand to gigabytes; articles have no use for them.
            event = self.peek_event()
            raise yaml.composer.ComposerError(None, None, f"the alias *{event.anchor} is not supported", event.start_mark)
        return super().compose_node(parent, index)


def read_front_matter(text: str) -> FrontMatter:
    """The typed front matter of `text` and the body below it. Raises FrontMatterFault naming line and remedy."""
    source, body = split_front_matter(text)
    if source is None:
        return FrontMatter(body=text)
    fields, extra, where = _read_fields(source)
    if fields.get("groups") and (fields.get("visibility") or "public") == "public":
        raise FrontMatterFault(where["groups"], "groups are named and everybody may read it; add visibility: customers, or remove groups")
    # Behind the opening line, the fields and the closing line, which is still at the head of `body`.
    return FrontMatter(fields, extra, where, body=body.partition("\n")[2], body_line=source.count("\n") + 3)


def split_front_matter(text: str) -> tuple[str | None, str]:
    """The lines between the two marks, and the rest from the closing mark on; (None, text) without front matter. Raises FrontMatterFault."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, text
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    if end is None:
        raise FrontMatterFault(1, "front matter is not closed; add a line --- after its last field")
    source = "".join(f"{line}\n" for line in lines[1:end])
    if len(source) > MAX_FRONT_MATTER_CHARACTERS:
        raise FrontMatterFault(1, f"front matter is {len(source)} characters long (at most {MAX_FRONT_MATTER_CHARACTERS})")
    return source, "\n".join(lines[end:])


def compose_fields(source: str) -> yaml.MappingNode | None:
    """The fields as YAML nodes, each with its place in `source`; None when there are none. Raises FrontMatterFault."""
    with _named_faults(source):
        return _compose(PlainLoader(source))


def _read_fields(source: str) -> tuple[dict[str, object], dict[str, object], dict[str, int]]:
    fields: dict[str, object] = {}
    extra: dict[str, object] = {}
    where: dict[str, int] = {}
    with _named_faults(source):
        loader = PlainLoader(source)
        root = _compose(loader)
        for key, value in root.value if root else ():
            name, line = str(getattr(key, "value", "")), _line_of(key.start_mark)
            where[name] = line
            if name in _READERS:
                fields[name] = _READERS[name](name, value, line)
            else:
                extra[str(loader.construct_object(key, deep=True))] = loader.construct_object(value, deep=True)
    return fields, extra, where


def _compose(loader: PlainLoader) -> yaml.MappingNode | None:
    root = loader.get_single_node()
    if root is not None and not isinstance(root, yaml.MappingNode):
        raise FrontMatterFault(2, "front matter is not a list of fields; write one `name: value` per line")
    return root


@contextmanager
def _named_faults(source: str) -> Iterator[None]:
    """YAML's own faults as one that names the line and the remedy."""
    try:
        yield
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fact = " ".join(part for part in (error.context, error.problem) if part)
        remedy = "quote values that contain a colon, and indent with spaces"
        raise FrontMatterFault(_line_of(mark) if mark else 1, f"front matter is not valid YAML: {fact} ({remedy})") from None
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + 2
        raise FrontMatterFault(line, f"front matter has a character YAML forbids (U+{error.character:04X}); remove it") from None
    except RecursionError:
        raise FrontMatterFault(1, "front matter is nested too deeply; keep its fields flat") from None
    except (yaml.YAMLError, ValueError, TypeError, OverflowError, AttributeError) as error:
        # SafeLoader's own constructors raise these for values such as `!!int x`.
        raise FrontMatterFault(1, f"front matter has a value YAML cannot read: {error}; write it as quoted text") from None


def _line_of(mark: yaml.Mark) -> int:
    """Line of the file. Counted anew, because to YAML characters that no editor breaks a line at (U+2028, U+0085) end one too."""
    return mark.buffer.count("\n", 0, mark.pointer) + 2


def _scalar(name: str, node: yaml.Node, line: int) -> str:
    # The text as written, so that 1.10 stays 1.10 and `no` stays `no`.
    if not isinstance(node, yaml.ScalarNode):
        raise FrontMatterFault(line, f"{name} is not text; write `{name}: some text`")
    return "" if node.tag == _NULL else " ".join(node.value.split())


def _texts(name: str, node: yaml.Node, line: int) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        found = [_scalar(name, entry, _line_of(entry.start_mark)) for entry in node.value]
    else:
        found = [_scalar(name, node, line)]
    return tuple(dict.fromkeys(text for text in found if text))


def _comma_texts(name: str, node: yaml.Node, line: int) -> tuple[str, ...]:
    if isinstance(node, yaml.SequenceNode):
        return _texts(name, node, line)
    found = re.split("[,，、]", _scalar(name, node, line))
    return tuple(dict.fromkeys(text.strip() for text in found if text.strip()))


def _joined(name: str, node: yaml.Node, line: int) -> str:
    return ", ".join(_texts(name, node, line))


def _date(name: str, node: yaml.Node, line: int) -> date | None:
    text = _scalar(name, node, line)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass  # Not a day of the calendar: the same fault as not a date at all.
    raise FrontMatterFault(line, f"{name} is not a date: {text!r} (want YYYY-MM-DD)")


def _language(name: str, node: yaml.Node, line: int) -> str:
    text = _scalar(name, node, line)
    tag = primary_language(text)
    if text and tag is None:
        raise FrontMatterFault(line, f"{name} is not a language: {text!r} (want zh, en or a tag such as zh-CN)")
    return tag or ""


def _one_of(allowed: tuple[str, ...]) -> Callable[[str, yaml.Node, int], str]:
    def read(name: str, node: yaml.Node, line: int) -> str:
        text = _scalar(name, node, line).lower()
        if text and text not in allowed:
            raise FrontMatterFault(line, f"{name} is unknown: {text!r} (want one of {', '.join(allowed)})")
        return text

    return read


_READERS: dict[str, Callable[[str, yaml.Node, int], object]] = {
    "title": _scalar,
    "lang": _language,
    "summary": _scalar,
    "description": _scalar,
    "tags": _comma_texts,
    "product": _joined,
    "visibility": _one_of(VISIBILITIES),
    "groups": _comma_texts,
    "status": _one_of(STATUSES),
    "owner": _joined,
    "review_by": _date,
    "updated": _date,
    "aliases": _texts,
    "translation_of": _scalar,
    "redirect_from": _texts,
}
