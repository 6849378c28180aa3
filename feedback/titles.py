"""A gap is called what its customers call it: in each language, the text nearest to all the others."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from sqlite_utils import Database

from feedback.groups import EVIDENCE_ITEMS
from feedback.query_vectors import read_vectors
from kb.settings import LANGUAGES

MAX_CHARACTERS = 120
_TEXTS_COMPARED = 200


def retitle(database: Database, gaps: Iterable[int], *, represent) -> None:
    """Give each of these gaps its title in each language anew, unless a person named it; '' where nobody asked in that language."""
    for gap in gaps:
        titles = choose_titles(read_texts(database, gap), database, represent)
        database.execute(
            "update gaps set title_en = ?, title_zh = ? where id = ? and titled_by = ''", [titles["en"], titles["zh"], gap]
        )


def read_texts(database: Database, gap: int) -> list[tuple[str, str, str, int]]:
    """(text, language, vector key, visits) of each distinct text of the gap, most asked first."""
    rows = database.execute(
        f"select e.text, e.lang, e.vector_key, count(distinct e.session) as visits from ({EVIDENCE_ITEMS}) e"
        " join group_members m on m.source = e.source and m.source_id = e.id join groups g on g.id = m.grouped"
        " where g.gap = ? group by e.vector_key order by visits desc, max(e.created_at) desc",
        [gap],
    )
    return rows.fetchall()


def choose_titles(texts: list[tuple[str, str, str, int]], database: Database, represent) -> dict[str, str]:
    """Language -> the text of that language with the highest mean likeness to all texts, those of more visits weighing more."""
    titles = dict.fromkeys(LANGUAGES, "")
    vectors = read_vectors(database, [key for _, _, key, _ in texts[:_TEXTS_COMPARED]])
    known = [row for row in texts[:_TEXTS_COMPARED] if row[2] in vectors]
    if not known:
        return titles | {lang: shorten(text) for text, lang, _, _ in reversed(texts)}
    rows = represent(np.stack([vectors[key] for _, _, key, _ in known]), [lang for _, lang, _, _ in known])
    weights = np.array([visits for _, _, _, visits in known], float)
    centrality = rows @ (weights @ rows / weights.sum()) + 0.02 * np.log(weights)
    for place in np.argsort(centrality, kind="stable"):
        text, lang, _, _ = known[place]
        titles[lang] = shorten(text)
    return titles


def shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_CHARACTERS else line[: MAX_CHARACTERS - 1].rstrip() + "…"
