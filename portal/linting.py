"""Every rule of every floor about articles in the folder, or about a text that is not saved yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from pathlib import Path

from feedback.linting import DEMAND_RULES, lint_demand
from indexer.embedder import Embedder
from indexer.lint_base import read_indexed_articles
from indexer.linting import INDEX_RULES, lint_index
from kb.articles import Article
from kb.database import read
from kb.errors import DatabaseError, KnowledgeBaseError, ModelError
from kb.files import SUFFIXES
from kb.lint_findings import Finding, make_finding, pick_articles
from kb.linting import FILE_RULES, check_base, in_order, read_base, read_draft
from kb.settings import Settings
from portal.messages import Messages

RULES = tuple(dict.fromkeys((*FILE_RULES, *INDEX_RULES, *DEMAND_RULES)))


class NoSuchPath(KnowledgeBaseError):
    """What was to be linted is nothing in the articles folder."""


def lint(
    settings: Settings, embedder: Embedder, *, today: date, paths: Sequence[str | Path] | None = None, only: Iterable[str] | None = None
) -> list[Finding]:
    """Findings of the rules named, or of all, in the articles at these paths, or in all, ordered by file and line.

    A path is a file or a folder, as the current folder or the articles folder sees it, or an article's id. What the index cannot tell, because it is
    missing or behind, is told by a note. Raises NoSuchPath, and SettingsError without the articles folder.
    """
    rules = frozenset(RULES if only is None else only)
    base, unreadable = read_base(settings.articles)
    ids = None if not paths else _choose(settings.articles, paths, [*base.articles, *(_id(finding.path) for finding in unreadable)])
    findings = [finding for finding in unreadable if ids is None or _id(finding.path) in ids]
    if rules & set(FILE_RULES):
        findings += check_base(base, pick_articles(base, ids), today=today)
    if rules & set(INDEX_RULES):
        findings += _or_note(settings, lambda: lint_index(settings, base, embedder, ids=ids))
    if rules & set(DEMAND_RULES):
        findings += _or_note(settings, lambda: lint_demand(settings.database, base, embedder, ids=ids))
    # One fault of the database is met by every floor that asks it.
    return in_order(dict.fromkeys(findings), only=rules)


def lint_text(text: str, id: str, settings: Settings, embedder: Embedder, *, today: date) -> list[Finding]:
    """Findings in `text` as if it were saved under `id`; beside the indexed articles, or without an index beside the files.

    What customers never ask is not looked for: whether a draft answers them is told by replaying their searches.
    """
    base, unreadable = read_draft(text, id, settings.articles, others=_indexed(settings))
    if unreadable:
        return unreadable
    findings = list(check_base(base, [base.articles[id]], today=today))
    return in_order([*findings, *_or_note(settings, lambda: lint_index(settings, base, embedder, ids=[id]))])


def describe_finding(finding: Finding, t: Messages) -> tuple[str, str]:
    """The fact and the remedy in the reader's language."""
    key = f"lint_{finding.code.replace('-', '_').replace('.', '_')}"
    return t(key, **finding.values), t(f"{key}_remedy", **finding.values)


def _indexed(settings: Settings) -> list[Article] | None:
    """The indexed articles; None where there is no index that can be read, so that files are read instead."""
    if not settings.database.is_file():
        return None
    try:
        with read(settings.database) as database:
            return read_indexed_articles(database) or None
    except DatabaseError:
        # The rules that need the index say so themselves; those that need only files must not wait for it.
        return None


def _or_note(settings: Settings, run: Callable[[], list[Finding]]) -> list[Finding]:
    """What `run` finds, or the note that the index or the model does not answer: the other findings are worth having."""
    try:
        return run()
    except (DatabaseError, ModelError) as fault:
        fact, _, remedy = str(fault).rpartition("; ")
        said = {"fact": fact or str(fault), "remedy": remedy or "run `kb doctor`"}
        return [make_finding(str(settings.database), None, "index-behind.fault", "note", **said)]


def _choose(folder: Path, paths: Sequence[str | Path], known: Collection[str]) -> set[str]:
    """Ids of the articles at or below the paths. A file that is no article is none; a path that is nothing at all raises NoSuchPath."""
    chosen: set[str] = set()
    for path in paths:
        # As the shell completes it, as `kb index` prints it, or an id.
        places = [
            place for place in (Path(path), folder / path, *(folder / f"{path}{suffix}" for suffix in SUFFIXES)) if os.path.exists(place)
        ]
        name = next((name for place in places if (name := _name_below(folder, place)) is not None), None)
        if name is None:
            raise NoSuchPath(f"there is no {str(path)!r} in {folder}; name a file or a folder of articles, or an article's id")
        chosen |= {id for id in known if name == "." or id.startswith(f"{name}/") or id == _id(name)}
    return chosen


def _name_below(folder: Path, place: Path) -> str | None:
    """The path of `place` below the folder, posix, '.' for the folder itself; None when it lies elsewhere."""
    # A link inside the folder keeps its own name; one on the way to the folder may be in either path or in none.
    for absolute in (os.path.abspath, os.path.realpath):
        root, path = absolute(folder), absolute(place)
        if os.path.commonpath([root, path]) == root:
            return Path(os.path.relpath(path, root)).as_posix()
    return None


def _id(path: str) -> str:
    return path.rsplit(".", 1)[0] if path.lower().endswith(SUFFIXES) else path
