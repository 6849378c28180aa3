"""Searches that customers labelled themselves: the article they found helpful answers what they had typed."""

from __future__ import annotations

from pathlib import Path

from feedback import schema as schema
from indexer.evaluation import LabelledQuery
from kb.database import read


def read_labelled_searches(database_path: Path) -> list[LabelledQuery]:
    """One query for each text that led to a helpful vote, with every article voted helpful from it, in order of the first search.

    Texts are as stored, with personal data taken out. A search is left out when the same visit also voted that article unhelpful.
    """
    with read(database_path) as database:
        rows = database.execute(
            "select min(s.id), s.text, s.lang, v.article from votes v join searches s on s.id = v.search_id"
            " group by s.text, s.lang, v.article having min(v.helpful) = 1 order by min(s.id)"
        ).fetchall()
    gold: dict[tuple[str, str], tuple[int, set[str]]] = {}
    for search, text, lang, article in rows:
        gold.setdefault((text, lang), (search, set()))[1].add(article)
    return [LabelledQuery(str(search), text, lang, frozenset(articles)) for (text, lang), (search, articles) in gold.items()]
