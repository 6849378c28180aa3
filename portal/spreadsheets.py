"""Tables as Excel workbooks in which numbers are numbers and no text is ever a formula."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from portal.exporting import safe_cell
from portal.terminal import measure_columns

LONGEST = 32_767
"""Characters that Excel keeps in a cell."""
NARROWEST, WIDEST = 8, 60
# Characters that no XML 1.0 document may hold (section 2.2), and that Python's text can.
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN_IN_TITLES = re.compile(r"[\\/*?:\[\]]")
# Excel may not name a sheet so, in any case of its letters.
_RESERVED = "history"


def write_xlsx(rows: Iterable[Mapping[str, object]], columns: Sequence[str], *, title: str) -> bytes:
    """The rows as a workbook of one sheet with that title."""
    return write_workbook([(title, columns, rows)])


def write_workbook(sheets: Sequence[tuple[str, Sequence[str], Iterable[Mapping[str, object]]]]) -> bytes:
    """One sheet for each (title, columns, rows), in order: a bold head that stays in view, numbers as numbers, everything else as text or date.

    Texts lose what XML cannot hold, and what is longer than a cell can be.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    for title, columns, rows in sheets:
        _fill(workbook.create_sheet(clean_title(title, taken=workbook.sheetnames)), columns, rows)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def clean_title(title: str, *, taken: Sequence[str] = ()) -> str:
    """The title as Excel takes it: 31 characters, none of \\ / * ? : [ ], no quote at an end, and none that is taken."""
    plain = _FORBIDDEN_IN_TITLES.sub(" ", _keep_printable(title))
    plain = " ".join(plain.split()).strip("' ")[:31].strip("' ") or "Sheet"
    known = {_RESERVED, *(name.lower() for name in taken)}
    name, number = plain, 1
    while name.lower() in known:
        number += 1
        name = f"{plain[: 31 - len(f' {number}')]} {number}"
    return name


def _fill(sheet: Worksheet, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    widths = [measure_columns(name) for name in columns]
    for place, name in enumerate(columns, start=1):
        head = sheet.cell(1, place)
        _set(head, name)
        head.font = Font(bold=True)
    for line, row in enumerate(rows, start=2):
        for place, name in enumerate(columns, start=1):
            _set(cell := sheet.cell(line, place), row.get(name))
            widths[place - 1] = max(widths[place - 1], measure_columns(str(cell.value if cell.value is not None else "")))
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(width + 2, NARROWEST), WIDEST)
    sheet.freeze_panes = "A2"


def _set(cell: Cell, value: object) -> None:
    if isinstance(value, float) and not math.isfinite(value):
        # Excel has no such numbers, and calls a workbook that holds one damaged.
        return
    if value is None or isinstance(value, (bool, int, float)) or isinstance(value, date) and not isinstance(value, datetime):
        cell.value = value
        return
    if isinstance(value, datetime):
        # A workbook knows no time zones: the moment as it is written, with its own.
        value = value.isoformat(sep=" ", timespec="seconds")
    text = _keep_printable(str(value))[:LONGEST]
    cell.value = text
    # openpyxl takes a text that begins with = for a formula, and one such as #N/A for an error.
    cell.data_type = "s"
    # As if somebody had typed a quote first: who edits the cell does not make a formula of it either.
    cell.quotePrefix = safe_cell(text) != text
    cell.alignment = Alignment(vertical="top", wrap_text=len(text) > WIDEST)


def _keep_printable(text: str) -> str:
    # Lone surrogates come from broken input, and no UTF-8 file can hold them.
    return _NO_XML.sub("", text).encode("utf-8", "replace").decode("utf-8")
