"""JSON that another system wrote, read without trusting any of its types, with the line of what is wrong."""

from __future__ import annotations

import json
import re
from datetime import date

from kb.errors import ArticleError
from kb.importing.markup import clean_text

Record = dict[str, object]


def read_json(content: bytes, file: str) -> object:
    """The value in a JSON file. Raises ArticleError naming the line of the fault."""
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ArticleError(file, content.count(b"\n", 0, fault.start) + 1, "is not UTF-8; save it as UTF-8") from None
    try:
        return json.loads(text)
    except json.JSONDecodeError as fault:
        raise ArticleError(file, fault.lineno, f"is not valid JSON: {fault.msg} (column {fault.colno}); export it again") from None
    except RecursionError:
        raise ArticleError(file, None, "is JSON nested too deeply; export it again") from None
    except ValueError:
        # Python refuses numbers of thousands of digits.
        raise ArticleError(file, None, "holds a number that is too long; export it again") from None


def find_lines(content: bytes) -> dict[str, int]:
    """The line on which each `"id"` first stands. A file in one line has everything on line 1."""
    lines: dict[str, int] = {}
    at, line = 0, 1
    for match in re.finditer(rb'"id"\s*:\s*"?([\w-]{1,40})', content):
        line += content.count(b"\n", at, match.start())
        at = match.start()
        lines.setdefault(match.group(1).decode(), line)
    return lines


def records_of(value: object, *names: str) -> list[Record]:
    """The records in the first of these fields that has any: a list of records, or one record alone."""
    for name in names:
        found = value.get(name) if isinstance(value, dict) else None
        if isinstance(found, dict):
            return [found]
        if isinstance(found, list):
            return [entry for entry in found if isinstance(entry, dict)]
    return []


def text_at(value: object, *path: str) -> str:
    """The text or number in nested fields, as text on its lines; '' when there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        return ""
    return clean_text(str(value)) if isinstance(value, str) else str(value)[:40]


def line_at(value: object, *path: str) -> str:
    """The same on one line."""
    return " ".join(text_at(value, *path).split())


def texts_at(value: object, *path: str) -> tuple[str, ...]:
    """The texts of a list in nested fields, or the names of its records."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    entries = value if isinstance(value, list) else []
    named = (entry.get("name") if isinstance(entry, dict) else entry for entry in entries)
    return tuple(dict.fromkeys(line for entry in named if isinstance(entry, str) and (line := " ".join(clean_text(entry).split()))))


def read_day(*written: object) -> date | None:
    """The day of the first date and time that is one, as other systems write it (ISO 8601); None without any."""
    for moment in written:
        try:
            return date.fromisoformat(str(moment)[:10])
        except ValueError:
            continue  # The next one may be a date.
    return None
