"""A report is the same in every form, and in none of them does a word of a customer become anything but a word."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace

import lxml.html
import markdown
import pytest
from markdown_it import MarkdownIt
from openpyxl import load_workbook

from feedback.coverage import Coverage
from feedback.periods import Selection
from portal.messages import Messages
from portal.report_files import list_sheets, write_report_csv, write_report_json, write_report_workbook
from portal.report_html import write_html
from portal.report_text import escape_markdown, write_lines, write_markdown, write_plain
from portal.reporting import gather_report, name_file, stretch
from portal.terminal import measure_columns
from tests.portal.lead_figures import EMPTY, FORMULA, HOSTILE, LeadFigures, topic
from tests.portal.sample_articles import PAYLOADS

EN, ZH = Messages("en"), Messages("zh")
HARMFUL = (*PAYLOADS, HOSTILE, FORMULA, "see www.evil.example or https://evil.example/x", "mail pay@evil.example now", "<https://evil.example>", "[a]: https://evil.example",
           "![](https://evil.example/x.png)", "# heading", "`code` ``", "a | b || c", "**bold** _it_ ~~gone~~", "\\[x\\](y)", "&lt;script&gt;", "$x$ {: onclick=x }")  # fmt: skip


@pytest.fixture
def desk():
    return LeadFigures()


@pytest.fixture
def report(desk):
    return report_on(desk)


def report_on(desk, *, simulated=False, period=None):
    return gather_report(desk, Selection(period or desk.last_week()), site="Acme Help", simulated=simulated)


def report_of_topics(names):
    desk = LeadFigures()
    desk.figures["coverage"] = Coverage(tuple(topic(number, name) for number, name in enumerate(names, start=1)), 0, 0)
    return report_on(desk)


# What is in it


def test_topics_without_an_answer_come_by_cost_and_those_with_one_are_left_out(report):
    assert [each.names["en"] for each in report.missing] == [FORMULA, HOSTILE, "短信提醒怎么设置"]


def test_only_what_was_published_in_the_period_counts_as_its_effect(desk):
    assert report_on(desk).effects == ()
    # 20:00 UTC on the 10th is the 11th in Shanghai.
    assert len(report_on(desk, period=desk.period(*[desk.today().replace(day=11)] * 2)).effects) == 2


def test_a_week_is_reported_with_at_least_twelve_to_compare(desk):
    report_on(desk)
    [asked] = [selection for name, selection in desk.asked if name == "trends"]
    assert len(asked.period.weeks()) == 12 and asked.period.last == desk.last_week().last
    long = Selection(desk.last_days(365))
    assert stretch(long) == long


def test_a_file_is_named_after_its_calendar_week_or_its_days(desk, report):
    assert name_file(report, "md") == "kb-report-2026-W47.md"
    assert name_file(report_on(desk, period=desk.last_days(28)), "html") == "kb-report-2026-10-29-2026-11-25.html"


@pytest.mark.parametrize("t", [EN, ZH], ids=lambda t: t.lang)
def test_text_markdown_and_html_say_the_same(t, report):
    for written in (write_plain(t, report), rendered(write_markdown(t, report)).text_content(), lxml.html.fromstring(write_html(t, report)).text_content()):
        plain = written.replace("\u2060", "")
        for said in (t("report_title", site="Acme Help"), "65.0%", "短信提醒怎么设置", t("target_why_no_questions"), "Get a refund", t("flag_voted_down"), "50（25–100）" if t is ZH else "50 (25–100)"):
            assert said in plain


def test_an_empty_base_says_so_in_every_form():
    report = report_on(LeadFigures(dict(EMPTY)))
    assert "Nobody searched or asked in what is selected" in write_plain(EN, report) and "没有客户搜索或提问" in write_markdown(ZH, report)
    assert "<table" not in write_html(EN, report) and "| --" not in write_markdown(EN, report)


# Harmless


def rendered(text):
    return lxml.html.fromstring(f"<div>{MarkdownIt('commonmark', {'html': True}).enable(['table', 'strikethrough']).render(text)}</div>")


@pytest.mark.parametrize("text", HARMFUL)
def test_a_text_in_markdown_is_shown_as_it_was_typed(text):
    for html in (
        MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).render(f"| a |\n|---|\n| {escape_markdown(text)} |\n"),
        markdown.markdown(f"a {escape_markdown(text)}", extensions=["tables", "attr_list", "footnotes"]),
    ):
        page = lxml.html.fromstring(f"<div>{html}</div>")
        assert {element.tag for element in page.iter()} <= {"div", "p", "table", "thead", "tbody", "tr", "th", "td"}
        assert all(not element.attrib for element in page.iter())
        assert " ".join(text.split()) in page.text_content().replace("\u2060", "")


def test_no_reader_of_markdown_makes_a_link_of_what_looks_like_an_address():
    for address in ("https://evil.example/x", "www.evil.example", "pay@evil.example", "evil.example", "mailto:x@y.zz", "@everyone"):
        assert address not in escape_markdown(f"see {address} now")


def test_a_table_in_markdown_keeps_its_columns_whatever_customers_typed():
    page = rendered(write_markdown(EN, report_of_topics(HARMFUL[:10])))
    for table in page.xpath("//table"):
        assert len({len(row) for row in table.xpath(".//tr")}) == 1
    assert not page.xpath("//a | //img | //script | //code")


def test_the_html_file_holds_no_script_no_link_and_fetches_nothing():
    page = lxml.html.fromstring(write_html(EN, report_of_topics(HARMFUL[:10])))
    assert {element.tag for element in page.iter() if isinstance(element.tag, str)} <= {
        "html", "head", "meta", "title", "style", "body", "article", "h1", "h2", "p", "ul", "li", "section", "table", "thead", "tbody", "tr", "th", "td", "strong"
    }  # fmt: skip
    style = page.xpath("string(//style)")
    assert "url(" not in style and "@import" not in style
    assert not page.xpath("//@src | //@href | //@*[starts-with(name(), 'on')]")


def test_no_cell_of_a_csv_begins_a_formula(report):
    rows = list(csv.reader(io.StringIO(write_report_csv(report)["topics.csv"].removeprefix("\ufeff"))))
    assert any(f"'{FORMULA}" in row for row in rows)
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)


def test_no_cell_of_the_workbook_is_a_formula_and_numbers_are_numbers(report):
    content = write_report_workbook(report, warning="simulated")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not any("<f>" in archive.read(name).decode() for name in archive.namelist() if "worksheets/" in name)
    book = load_workbook(io.BytesIO(content))
    assert book.sheetnames == ["targets", "topics", "weeks", "effects", "findability", "articles", "people"]
    cells = {cell.value: cell for row in book["topics"].iter_rows() for cell in row}
    assert cells[FORMULA].data_type == "s" and cells[FORMULA].quotePrefix and cells[90].data_type == "n"


def test_no_sign_reaches_a_terminal_that_could_move_its_cursor():
    lines = [line for line, _ in write_lines(EN, report_of_topics(["\x1b[2J wiped \u202e back", "two\nlines"]))]
    assert any("wiped" in line for line in lines)
    assert not any(sign in line for line in lines for sign in "\x1b\u202e\n")


def test_columns_stand_under_each_other_also_in_chinese():
    lines = [line for line, _ in write_lines(ZH, report_of_topics(["短信提醒怎么设置", "sms", "x" * 200]))]
    begin = next(place for place, line in enumerate(lines) if line.startswith(ZH("coverage_topic")))
    head, rows = lines[begin], lines[begin + 1 : begin + 4]
    edge = measure_columns(head[: head.index(ZH("coverage_requests"))])
    for row in rows:
        cut = next(place for place in range(len(row)) if measure_columns(row[:place]) == edge)
        assert row[cut : cut + 2] == "10" and row[cut - 1] == " "


# For programs


def test_json_has_every_figure_and_none_where_there_is_none(report):
    told = json.loads(write_report_json(report))
    assert list(told)[0] == "simulated" and told["simulated"] is False
    assert (told["from"], told["to"], told["time_zone"], told["requests"]) == ("2026-11-16", "2026-11-22", "Asia/Shanghai", 127)
    assert told["targets"][0] | {"beside": ""} == {
        "target": "self_service", "light": "met", "why": "", "value": 0.65, "unit": "share", "goal": 0.6, "goal_is": "at least", "numerator": 650, "denominator": 1000,
        "low": 0.6199, "high": 0.6789, "pending": 0, "value_before": 0.65, "beside": "",
    }  # fmt: skip
    assert told["targets"][5]["value"] is None and told["targets"][5]["why"] == "no_questions"
    assert told["weeks"][-1]["week"] == "2026-11-23" and told["weeks"][-1]["is_whole"] == 0
    assert told["missing"] == ["g:2", "g:1", "g:3"]


def test_every_row_has_the_columns_of_its_table_and_no_other(report):
    for sheet in list_sheets(report):
        assert all(set(row) == set(sheet.columns) for row in sheet.rows), sheet.name


@pytest.mark.parametrize("t", [EN, ZH], ids=lambda t: t.lang)
def test_every_form_of_a_demonstration_says_first_that_it_is_simulated(desk, t):
    report, warning = report_on(desk, simulated=True), t("demonstration")
    assert write_plain(t, report).startswith(warning)
    assert rendered(write_markdown(t, report))[0].text_content().strip() == warning
    assert lxml.html.fromstring(write_html(t, report)).xpath("string(//article/*[1])") == warning
    assert json.loads(write_report_json(report))["simulated"] is True
    assert all(text.startswith("\ufeffsimulated,") and all(line.startswith("yes,") for line in text.splitlines()[1:]) for text in write_report_csv(report).values())
    book = load_workbook(io.BytesIO(write_report_workbook(report, warning=warning)))
    assert (book.worksheets[0].title, book.worksheets[0]["A1"].value) == ("simulated", warning)
    assert {sheet["A1"].value for sheet in book.worksheets[1:]} == {"simulated"}


def test_a_report_that_is_no_demonstration_does_not_say_so(report):
    assert EN("demonstration") not in write_plain(EN, report) + write_markdown(EN, report) + write_html(EN, report)


def test_a_gap_count_is_of_the_weeks_of_the_period_alone(desk, report):
    assert "Gaps in the weeks from 16 Nov to 22 Nov: 2 opened, 1 closed, 0 reopened." in write_plain(EN, report)
    two = report_on(desk, period=replace(desk.last_week(), first=desk.last_week().first.replace(day=15)))
    assert "Gaps in the weeks from 9 Nov to 22 Nov: 4 opened, 2 closed, 0 reopened." in write_plain(EN, two)
