"""The log of searches and of the articles opened from them: redacted, under pseudonyms, one row per question."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
from sqlite_utils import Database

from feedback import schema as schema
from feedback.audience import Visit, judge_audience
from feedback.keystrokes import continues, takes_back
from feedback.moments import stamp, utc_now
from feedback.query_vectors import fold_text, store_vectors, vector_key
from feedback.redaction import redact
from feedback.scopes import write_scope
from feedback.sessions import address_pseudonym, own_search, pseudonym
from indexer.hits import Answer
from indexer.visibility import scope_condition
from kb.database import read, write
from kb.readers import Scope

PAUSE = timedelta(seconds=30)
"""Keystrokes further apart than this are two searches."""
MAX_CHARACTERS = 1000
"""Of a longer text only the start is stored: nobody types this, but somebody pastes it."""
STORED_HITS = 10


class SearchLog:
    """Writes and reads `searches` and `opens`. Every method raises DatabaseError when the file cannot be read or written."""

    def __init__(self, database_path: Path, *, now: Callable[[], datetime] = utc_now) -> None:
        self._path, self._now = database_path, now

    def record(
        self, *, text: str, lang: str, visit: Visit, source: str, answer: Answer, scope: Scope = Scope(),
        model: str = "", vector: np.ndarray | None = None,
    ) -> int:  # fmt: skip
        """Store one run of a query and return its search id.

        A search of the same session and source within 30 seconds that this text continues is updated and keeps its id, unless
        an article was opened or voted on from it: then it is finished and a new search begins. Emptying the box changes nothing:
        what was asked stays asked. The very same text within that time is the same search even then: a reload, or the way back. `vector` is the text's in `model`,
        float32 (dimension,); it is kept only when nothing had to be redacted, because it stands for the text.
        """
        stored = redact(text[: MAX_CHARACTERS * 2])[:MAX_CHARACTERS]
        moment = self._now()
        key = vector_key(model, stored)
        row = _describe(answer, scope) | {"text": stored, "lang": lang, "vector_key": key, "updated_at": stamp(moment), "settled_at": None}
        with write(self._path) as database:
            visitor = pseudonym(database, visit.session)
            if vector is not None and fold_text(stored) == fold_text(text):
                store_vectors(database, [(key, vector)])
            last = _last(database, visitor=visitor, source=source, since=stamp(moment - PAUSE))
            if last and fold_text(last["text"]) == fold_text(stored):
                database["searches"].update(last["id"], {**row, "repeats": last["repeats"] + 1})
                return last["id"]
            if last and not last["finished"] and continues(stored, last["text"]):
                if not takes_back(stored, last["text"]):
                    database["searches"].update(last["id"], {**row, "keystrokes": last["keystrokes"] + 1})
                return last["id"]
            address = address_pseudonym(database, visit.address, moment)
            audience = judge_audience(database, visit, visitor=visitor, address=address, text=stored, now=moment)
            added = database["searches"].insert({
                **row, "session": visitor, "source": source, "address": address, "audience": audience, "created_at": stamp(moment),
            })  # fmt: skip
            return added.last_pk

    def record_open(self, article: str, *, session: str, search_id: int | None) -> None:
        """Store that this session opened the article, from its own search if the id is one. Opening again moves the time."""
        with write(self._path) as database:
            visitor = pseudonym(database, session)
            search = own_search(database, search_id, visitor=visitor)
            database.execute(
                "insert into opens (article, session, search_id, opened_at) values (?, ?, ?, ?)"
                " on conflict (session, article, ifnull(search_id, 0)) do update set opened_at = excluded.opened_at",
                [article, visitor, search, stamp(self._now())],
            )
            database.execute("update searches set settled_at = null where id = ?", [search])

    def popular(self, *, since_days: int = 30, limit: int, among: Scope | None = None) -> list[tuple[str, int]]:
        """(article id, number of sessions that opened it in the last `since_days`), most first, then by id; of the articles in the scope, if given."""
        condition, values = scope_condition(among, "a") if among else ("1", [])
        with read(self._path) as database:
            rows = database.execute(
                "select o.article, count(distinct o.session) as visitors from opens o"
                + (" join articles a on a.id = o.article" if among else "")
                + f" where o.opened_at >= ? and {condition} group by o.article order by visitors desc, o.article limit ?",
                [stamp(self._now() - timedelta(days=since_days)), *values, limit],
            )
            return [(article, visitors) for article, visitors in rows.fetchall()]


def _describe(answer: Answer, scope: Scope) -> dict[str, object]:
    hits = [{"article": hit.article, "score": round(hit.score, 4)} for hit in answer.hits[:STORED_HITS]]
    return {
        "hits": json.dumps(hits, ensure_ascii=False), "confidence": round(answer.confidence, 4), "outcome": answer.outcome,
        "took_ms": round(answer.took_ms, 1), "degraded": int(answer.degraded), "product": scope.product or "", "scope": write_scope(scope),
    }  # fmt: skip


def _last(database: Database, *, visitor: str, source: str, since: str) -> dict | None:
    """The visitor's latest search; `finished` is whether an article was opened or voted on, or a question asked, from it."""
    rows = database.query(
        "select id, text, keystrokes, repeats, exists (select 1 from opens where search_id = searches.id)"
        " or exists (select 1 from votes where search_id = searches.id)"
        " or exists (select 1 from questions where search_id = searches.id) as finished"
        " from searches where session = ? and source = ? and updated_at >= ? order by updated_at desc, id desc limit 1",
        [visitor, source, since],
    )
    return next(iter(rows), None)
