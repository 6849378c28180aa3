"""Answering a file of queries, one JSON object a line, for measuring."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TextIO

from kb.readers import Scope
from kb.settings import LANGUAGES


class BrokenLine(ValueError):
    """A line that holds no query; its text says what is wrong and what is wanted."""


def answer_lines(knowledge, lines: Iterable[bytes], *, scope: Scope, limit: int, answers: TextIO, faults: TextIO) -> int:
    """Search each line's text and write its answer at once, in the order of the lines; returns how many lines were broken."""
    broken = 0
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            query = read_query(raw)
        except BrokenLine as fault:
            faults.write(f"kb: line {number}: {fault}\n")
            broken += 1
            continue
        # A customer who asks in a language reads it: of two translations theirs comes first, as in the portal.
        answer = knowledge.search(query["text"], scope=scope, prefer=query["lang"], limit=limit, source="batch")
        hits = [{"article": hit.article, "score": round(hit.score, 6), "passage": hit.passage} for hit in answer.hits]
        row = {"id": query["id"], "hits": hits, "confidence": round(answer.confidence, 6), "outcome": answer.outcome}
        answers.write(json.dumps(row, ensure_ascii=False) + "\n")
        answers.flush()
    return broken


def read_query(raw: bytes) -> dict[str, object]:
    """The `id`, `text` and `lang` (zh, en or None) of a line. Raises BrokenLine."""
    try:
        row = json.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise BrokenLine(f"not UTF-8 at byte {fault.start}; save the file as UTF-8") from None
    except (ValueError, RecursionError) as fault:
        raise BrokenLine(f'not JSON ({fault}); want {{"id": …, "text": …, "lang": …}}') from None
    if not isinstance(row, dict):
        raise BrokenLine('not an object; want {"id": …, "text": …, "lang": …}')
    if isinstance(row.get("id"), bool) or not isinstance(row.get("id"), str | int):
        raise BrokenLine("no id; want a string or a whole number in `id`")
    text = row.get("text")
    # An empty text is a query all the same: customers send them, and its answer is that nothing matches.
    if not isinstance(text, str):
        raise BrokenLine("no text; want the words of the query in `text`")
    lang = row.get("lang")
    return {"id": row["id"], "text": text.encode("utf-8", "replace").decode("utf-8"), "lang": lang if lang in LANGUAGES else None}


def group_lines(knowledge, lines: Iterable[bytes], *, groups: TextIO, faults: TextIO) -> int:
    """Group the texts of all lines by meaning and write each line's group, in the order of the lines; returns how many were broken."""
    queries, broken = [], 0
    for number, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            queries.append(read_query(raw))
        except BrokenLine as fault:
            faults.write(f"kb: line {number}: {fault}\n")
            broken += 1
    labels = knowledge.group([query["text"] for query in queries], [query["lang"] for query in queries])
    for query, label in zip(queries, labels, strict=True):
        groups.write(json.dumps({"id": query["id"], "cluster": label}, ensure_ascii=False) + "\n")
    return broken
