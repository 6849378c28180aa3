"""An Excel workbook shows what it was given: numbers to count with, texts that no program runs."""

import io
import zipfile
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook

from portal.spreadsheets import LONGEST, clean_title, write_workbook, write_xlsx


def sheet_of(rows, columns=("text",), *, title="Topics"):
    return load_workbook(io.BytesIO(write_xlsx(rows, columns, title=title))).active


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1234", "-1", "@SUM(A1)", "＝1+1", "  =1+1", '=HYPERLINK("https://evil.example","pay")', "=cmd|' /C calc'!A1"])
def test_a_text_that_begins_like_a_formula_is_a_text(text):
    cell = sheet_of([{"text": text}])["A2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (text, "s", True)


def test_no_formula_is_written_into_the_file():
    book = write_xlsx([{"text": "=1+1"}, {"text": "#N/A"}], ("text",), title="=1+1")
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and 't="e"' not in sheet


def test_numbers_and_dates_stay_what_they_are_and_nothing_is_an_empty_cell():
    sheet = sheet_of([{"count": 3, "share": 0.25, "day": date(2026, 11, 22), "none": None}], ("count", "share", "day", "none", "missing"))
    count, share, day, none, missing = sheet[2]
    assert (count.value, count.data_type, share.value, share.data_type) == (3, "n", 0.25, "n")
    assert day.value == datetime(2026, 11, 22) and day.is_date
    assert none.value is None and missing.value is None


def test_a_moment_keeps_its_time_zone_as_a_text():
    assert sheet_of([{"text": datetime(2026, 11, 22, 14, 5, tzinfo=UTC)}])["A2"].value == "2026-11-22 14:05:00+00:00"


def test_a_number_that_excel_does_not_have_is_an_empty_cell():
    sheet = sheet_of([{"text": float("nan")}, {"text": float("inf")}])
    assert (sheet["A2"].value, sheet["A3"].value) == (None, None)


def test_what_xml_cannot_hold_is_taken_out_and_chinese_stays():
    assert sheet_of([{"text": "导出\x00\x0b失败\ufffe 🙂\tx\ny"}])["A2"].value == "导出失败 🙂\tx\ny"
    assert sheet_of([{"text": "broken \ud800 input"}])["A2"].value == "broken ? input"


def test_a_text_longer_than_a_cell_is_cut():
    assert len(sheet_of([{"text": "x" * (LONGEST + 10)}])["A2"].value) == LONGEST


def test_the_head_is_bold_and_stays_in_view_and_columns_fit_their_texts():
    sheet = sheet_of([{"text": "如何导出全部文章和提问", "n": 1}], ("text", "n"))
    assert [cell.value for cell in sheet[1]] == ["text", "n"]
    assert all(cell.font.b for cell in sheet[1]) and not sheet["A2"].font.b
    assert sheet.freeze_panes == "A2"
    # Eleven Chinese signs take twenty-two columns.
    assert 22 <= sheet.column_dimensions["A"].width <= 30 and sheet.column_dimensions["B"].width >= 8


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("Topics without answer", "Topics without answer"),
        ("a/b\\c?d*e[f]:g", "a b c d e f g"),
        ("'quoted'", "quoted"),
        ("x" * 40, "x" * 31),
        ("\x00", "Sheet"),
        ("History", "History 2"),
        ("没有答案的问题", "没有答案的问题"),
    ],
)
def test_a_sheet_title_is_one_that_excel_takes(title, cleaned):
    assert clean_title(title) == cleaned
    assert sheet_of([], title=title).title == cleaned


def test_a_workbook_holds_its_sheets_in_order_under_different_names():
    book = load_workbook(io.BytesIO(write_workbook([("Weeks", ("a",), [{"a": 1}]), ("weeks", ("b",), []), ("Topics", ("c",), [])])))
    assert book.sheetnames == ["Weeks", "weeks 2", "Topics"]
    assert book["weeks 2"]["A1"].value == "b" and book["weeks 2"].max_row == 1
