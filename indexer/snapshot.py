"""One generation of the index in memory: the vectors, and for every row which article and passage it belongs to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np
from sqlite_utils import Database

from indexer.checksums import verify_base
from indexer.store import read_background, read_state, read_synonyms
from indexer.vector_file import load_vector_index
from indexer.vectors import VectorIndex
from indexer.visibility import IS_PUBLIC
from kb.errors import IndexMissing, IndexStale
from kb.readers import Scope
from kb.settings import Settings
from kb.synonyms import Synonyms

_KEPT_SCOPES = 64
KINDS = ("passage", "title", "head", "alias")


@dataclass(frozen=True)
class Snapshot:
    """Arrays are aligned: `row_*` by vector row, everything else by article number."""

    generation: int
    vectors: VectorIndex
    background: dict[str, np.ndarray]
    """Mean vector of questions at large, by their language."""
    ids: tuple[str, ...]
    numbers: dict[str, int]
    facts: tuple[dict, ...]
    """Per article: lang, visibility, status, product, groups, tags, translations."""
    row_article: np.ndarray
    row_passage: np.ndarray
    row_kind: np.ndarray
    passage_article: dict[int, int]
    public_passages: int
    """Passages that everybody may read: what words are weighed by."""
    starts: np.ndarray
    """Rows of article n are starts[n] to starts[n + 1]: an article's rows are stored together."""
    synonyms: Synonyms = Synonyms()
    _scopes: dict[Scope, np.ndarray] = field(default_factory=dict, compare=False)

    def rows_of(self, article: int) -> np.ndarray:
        return np.arange(self.starts[article], self.starts[article + 1])

    def in_scope(self, scope: Scope) -> np.ndarray:
        """bool per article: whether this scope includes it."""
        included = self._scopes.get(scope)
        if included is None:
            included = np.fromiter((_includes(scope, facts) for facts in self.facts), bool, len(self.facts))
            # A full memory starts anew: scopes are few, but an address may name any product.
            if len(self._scopes) >= _KEPT_SCOPES:
                self._scopes.clear()
            self._scopes[scope] = included
        return included

    def translations_of(self, article: int) -> list[int]:
        """Numbers of the article's versions in other languages."""
        return [self.numbers[id] for id in self.facts[article]["translations"] if id in self.numbers]


def load_snapshot(settings: Settings, database: Database, *, model: str) -> Snapshot:
    """The generation that SQLite holds now. Raises IndexMissing before the first index, IndexStale when another model made it, IndexDamaged when it is not
    as it was written."""
    state = read_state(database)
    if "generation" not in state:
        raise IndexMissing(f"nothing is indexed in {settings.data}; run `kb index`")
    if state["model"] != model:
        raise IndexStale(f"index was built with {state['model']}, settings say {model}; run `kb index`")
    verify_base(database)
    generation = int(state["generation"])
    vectors = load_vector_index(settings, database, state)
    rows = database.execute("select article, ifnull(passage, 0), kind from vectors order by id").fetchall()
    ids = tuple(dict.fromkeys(article for article, _, _ in rows))
    numbers = {id: number for number, id in enumerate(ids)}
    row_article = np.array([numbers[article] for article, _, _ in rows], np.int32)
    facts = _read_facts(database, ids)
    return Snapshot(
        generation, vectors, read_background(database), ids, numbers, facts, row_article,
        np.array([passage for _, passage, _ in rows], np.int64),
        np.array([KINDS.index(kind) for _, _, kind in rows], np.int8),
        {passage: numbers[article] for article, passage, _ in rows if passage},
        database.execute(f"select count(*) from passages where {IS_PUBLIC}").fetchone()[0],
        np.searchsorted(row_article, np.arange(len(ids) + 1)), read_synonyms(database),
    )  # fmt: skip


def _read_facts(database: Database, ids: tuple[str, ...]) -> tuple[dict, ...]:
    columns = "id, lang, visibility, status, product, groups, tags, translations"
    found = {
        id: {"lang": lang, "visibility": visibility, "status": status, "product": product,
             "groups": frozenset(json.loads(groups)), "tags": frozenset(json.loads(tags)), "translations": tuple(json.loads(others))}
        for id, lang, visibility, status, product, groups, tags, others in database.execute(f"select {columns} from articles")
    }  # fmt: skip
    return tuple(found[id] for id in ids)


def _includes(scope: Scope, facts: dict) -> bool:
    return (
        scope.reader.may_see(facts["visibility"], facts["status"], product=facts["product"], groups=facts["groups"])
        and scope.lang in (None, facts["lang"])
        and scope.product in (None, facts["product"])
        and (scope.tag is None or scope.tag in facts["tags"])
    )
