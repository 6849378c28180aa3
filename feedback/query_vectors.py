"""What stored texts mean: one vector for each text that is evidence, kept until the last search with that text is gone.

It is the mean of the text's token vectors: of what short texts say it tells a little more than the sentence vector they are searched by, because
the prompt and the marks that every text has are left out.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

import numpy as np
from sqlite_utils import Database


def name_recipe(model: str) -> str:
    """How vectors are made: vectors of two recipes are never compared."""
    return f"{model}/token mean"


def vector_key(model: str, text: str) -> str:
    """32 hexadecimal digits naming the vector of a text, whatever its case and spacing, in a model."""
    return hashlib.sha256(f"{name_recipe(model)}\0{fold_text(text)}".encode()).hexdigest()[:32]


def fold_text(text: str) -> str:
    """The text in lower case with single spaces: two texts that fold alike are one question."""
    return " ".join(text.casefold().split())


def store_vectors(database: Database, rows: Iterable[tuple[str, np.ndarray]]) -> None:
    """(key, unit vector float32 (dimension,)); what is there already stays."""
    database.conn.executemany(
        "insert or ignore into query_vectors (key, vector) values (?, ?)", [(key, vector.astype("<f2").tobytes()) for key, vector in rows]
    )


def read_vectors(database: Database, keys: Iterable[str]) -> dict[str, np.ndarray]:
    """Key -> unit vector float32 (dimension,), for those that are stored."""
    rows = database.execute("select key, vector from query_vectors where key in (select value from json_each(?))", [json.dumps(list(keys))])
    return {key: np.frombuffer(vector, "<f2").astype(np.float32) for key, vector in rows.fetchall()}


def drop_unused_vectors(database: Database, *, since: str) -> int:
    """Delete the vectors of texts that are no evidence, helped nobody and were last searched before `since`, a stamp; returns how many.

    Those that helped stay: a replay tells by them which working searches a draft could displace.
    """
    deleted = database.execute(
        "delete from query_vectors where key not in (select vector_key from searches where updated_at >= ?"
        " union select vector_key from searches where evidence != '' or result in ('confirmed', 'implicit') union select vector_key from questions)",
        [since],
    )
    return deleted.rowcount
