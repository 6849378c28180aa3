"""The synonyms file of the base, kept by hand: one group of phrases a line, each read by itself, so that a slip of the pen costs one group."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from kb.article_paths import resolve_inside
from kb.articles import Problem
from kb.durable_files import locked_folder, replace_file, write_new
from kb.errors import ArticleError, KnowledgeBaseError
from kb.files import Found, decode_text, read_bytes
from kb.frontmatter import PlainLoader
from kb.synonyms import Synonyms, Terms
from kb.text import find_terms

SYNONYMS_FILE = "synonyms.yaml"
MAX_BYTES, MAX_GROUPS, MAX_PHRASES, MAX_CHARACTERS = 256_000, 2_000, 20, 80
_ENTRY = re.compile(r"( *)-(?:\s|$)")
_NOTHING = re.compile(r"\s*(?:#.*|---\s*)?")
_COMMAS = re.compile("[,，、]")
_HEADING = (
    "# Words and phrases that mean the same, one group a line: a search with one of them finds the others, too.\n"
    "# 意思相同的说法，每行一组：搜索其中一个，也能找到其他几个。\n"
)


class SynonymsError(KnowledgeBaseError):
    """A group that cannot be added to the synonyms file."""


@dataclass(frozen=True)
class SynonymsRead:
    """What the file holds: the groups that can be used, None when the file cannot be read at all; and a problem for whatever cannot, by line."""

    synonyms: Synonyms | None
    problems: tuple[Problem, ...] = ()


class _Fault(Exception):
    def __init__(self, line: int, fact: str) -> None:
        self.line, self.fact = line, fact
        super().__init__(fact)


def read_synonyms(folder: Path) -> SynonymsRead:
    """The synonyms of the base whose articles are in `folder`; none when there is no file."""
    if not os.path.lexists(folder / SYNONYMS_FILE):
        return SynonymsRead(Synonyms())
    try:
        return _parse(decode_text(_read(folder), SYNONYMS_FILE))
    except ArticleError as fault:
        return SynonymsRead(None, (Problem(SYNONYMS_FILE, fault.line, fault.fact),))


def add_group(folder: Path, phrases: Sequence[str]) -> None:
    """Write a group at the end of the file, which is made when there is none; everything else in it stays as it is, byte for byte. Nothing is written
    when a group has all of these phrases already. Raises SynonymsError when they are no group, or when the file cannot be read or written."""
    try:
        group = _check_group(phrases, line=None)
        with locked_folder(folder):
            content = _read(folder) if os.path.lexists(folder / SYNONYMS_FILE) else _HEADING.encode()
            known = _parse(decode_text(content, SYNONYMS_FILE)).synonyms or Synonyms()
            wanted = {_terms(phrase) for phrase in group}
            if any(wanted <= {_terms(phrase) for phrase in other} for other in known.groups):
                return
            if len(known.groups) >= MAX_GROUPS:
                raise _Fault(0, f"has {MAX_GROUPS} groups already; remove some that nobody needs")
            _write(folder, _append(content, group))
    except _Fault as fault:
        raise SynonymsError(f"{SYNONYMS_FILE}: {fault.fact}") from None
    except ArticleError as fault:
        raise SynonymsError(str(fault)) from fault
    except OSError as fault:
        raise SynonymsError(f"{SYNONYMS_FILE}: cannot be written: {fault.strerror}; check the articles folder and its permissions") from fault


def _read(folder: Path) -> bytes:
    try:
        path = resolve_inside(folder, SYNONYMS_FILE)
    except OSError as error:
        raise ArticleError(SYNONYMS_FILE, None, f"cannot be read: {error.strerror}; remove it or mend its link") from None
    return read_bytes(Found(SYNONYMS_FILE, path), most=MAX_BYTES, remedy="keep the groups that customers need")


def _append(content: bytes, group: Sequence[str]) -> bytes:
    """The file with one more entry, indented and ended as its entries are."""
    text = content.decode("utf-8-sig", "replace")
    first = next((match for line in text.splitlines() if (match := _ENTRY.match(line))), None)
    end = b"\r\n" if b"\r\n" in content else b"\n"
    entry = yaml.safe_dump([list(group)], default_flow_style=None, allow_unicode=True, width=float("inf")).rstrip("\n")
    added = content if not content or content.endswith((b"\n", b"\r")) else content + end
    added += f"{first.group(1) if first else ''}{entry}".encode() + end
    if len(added) > MAX_BYTES:
        raise _Fault(0, f"would be larger than {MAX_BYTES // 1_000} kB; remove groups that nobody needs")
    return added


def _write(folder: Path, content: bytes) -> None:
    path = folder / SYNONYMS_FILE
    if os.path.lexists(path):
        replace_file(resolve_inside(folder, SYNONYMS_FILE), content)
    elif not write_new(path, content):
        raise _Fault(0, "was made by somebody else at this moment; add the group again")


def _parse(text: str) -> SynonymsRead:
    groups: list[tuple[str, ...]] = []
    problems: list[Problem] = []
    for line, source in _split_entries(text):
        try:
            if len(groups) == MAX_GROUPS:
                raise _Fault(line, f"is group {MAX_GROUPS + 1}; from here on none is used: remove some that nobody needs")
            groups.append(_read_group(source, line))
        except _Fault as fault:
            problems.append(Problem(SYNONYMS_FILE, fault.line, fault.fact))
            if len(groups) == MAX_GROUPS:
                break
    return SynonymsRead(Synonyms(tuple(groups)), tuple(problems))


def _split_entries(text: str) -> Iterator[tuple[int, str]]:
    """(line, source) of each entry of the list, and of each line in front of the first that is neither empty nor a comment."""
    lines, indent, start = text.split("\n"), None, 0
    for number, line in enumerate(lines):
        entry = _ENTRY.match(line)
        if entry and indent in (None, entry.group(1)):
            if indent is not None:
                yield start + 1, "\n".join(lines[start:number])
            indent, start = entry.group(1), number
        elif indent is None and not _NOTHING.fullmatch(line):
            yield number + 1, line
    if indent is not None:
        yield start + 1, "\n".join(lines[start:])


def _read_group(source: str, line: int) -> tuple[str, ...]:
    root = _compose(source, line)
    if not isinstance(root, yaml.SequenceNode) or root.flow_style:
        raise _Fault(line, "is no group; write each group in a line of its own: - [SMS, text message]")
    node = root.value[0]
    if isinstance(node, yaml.MappingNode):
        raise _Fault(line, "is no list of phrases; write the group as - [SMS, text message], and quote phrases that have a colon")
    texts = []
    for entry in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        if not isinstance(entry, yaml.ScalarNode):
            raise _Fault(line + entry.start_mark.line, "has a phrase that is no text; write the group as - [SMS, text message]")
        # Quotes keep a comma; without them, those of Chinese part phrases as well.
        texts += [entry.value] if entry.style else _COMMAS.split(entry.value)
    return _check_group(texts, line=line)


def _compose(source: str, line: int) -> yaml.Node | None:
    try:
        return PlainLoader(source).get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        fact = " ".join(part for part in (error.context, error.problem) if part)
        remedy = "close its bracket, and quote phrases with one of : # , [ ]"
        raise _Fault(line + min(mark.line if mark else 0, source.rstrip().count("\n")), f"is not valid YAML: {fact} ({remedy})") from None
    except yaml.reader.ReaderError as error:
        fact = f"has a character YAML forbids (U+{error.character:04X}); remove it"
        raise _Fault(line + source.count("\n", 0, error.position), fact) from None
    except RecursionError:
        raise _Fault(line, "is nested too deeply; write the group as - [SMS, text message]") from None


def _check_group(texts: Iterable[str], *, line: int | None) -> tuple[str, ...]:
    """The phrases, each once. Raises _Fault when the search could not tell them apart, or could not use them."""
    phrases = [phrase for text in texts if (phrase := " ".join(text.split()))]
    found: dict[Terms, str] = {}
    for phrase in phrases:
        if len(phrase) > MAX_CHARACTERS:
            raise _Fault(line, f"has a phrase of {len(phrase)} characters (at most {MAX_CHARACTERS}): {phrase[:40]!r}…; shorten it to what customers type")
        if not _terms(phrase):
            raise _Fault(line, f"has a phrase without a word to search by: {phrase!r}; remove it")
        found.setdefault(_terms(phrase), phrase)
    if len(found) > MAX_PHRASES:
        raise _Fault(line, f"has {len(found)} phrases (at most {MAX_PHRASES}); keep those that customers type")
    if len(found) < 2 and len(phrases) > 1:
        raise _Fault(line, f"has phrases that are one to the search: {', '.join(map(repr, phrases[:4]))}; remove the group, or add another phrase")
    if len(found) < 2:
        raise _Fault(line, f"has {'only one phrase: ' + repr(phrases[0]) if phrases else 'no phrase'}; write at least two that mean the same: - [SMS, text message]")
    return tuple(found.values())


def _terms(phrase: str) -> Terms:
    return tuple(find_terms(phrase))
