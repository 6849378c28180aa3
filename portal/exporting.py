"""Tables as CSV that no spreadsheet runs, and as JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence

# What a spreadsheet takes for a formula, also in full width; tab and carriage return let one begin after them.
FORMULA_STARTS = "=+-@＝＋－＠"


def safe_cell(value: object) -> object:
    """The value; a text that a spreadsheet would run gets a single quote in front. Numbers stay numbers."""
    if not isinstance(value, str):
        return value
    head = value.lstrip(" \u00a0\u3000\ufeff")
    return f"'{value}" if head[:1] and (head[0] in FORMULA_STARTS or head[0] in "\t\r\n") else value


def write_csv(rows: Iterable[Mapping[str, object]], columns: Sequence[str]) -> str:
    """The rows as CSV with a head, lines ended by CRLF, and a byte order mark so that spreadsheets read Chinese."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: safe_cell(row.get(name, "")) for name in columns})
    return "\ufeff" + buffer.getvalue()


def write_json(value: object) -> str:
    """The value as JSON, Chinese readable."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
