"""`kb report` prints the figures of a period, and writes them into files of every kind."""

import csv
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from feedback.audience import Visit
from feedback.demonstration import mark_demonstration
from feedback.moments import utc_now
from feedback.periods import last_week
from feedback.questions import Questions
from feedback.searches import SearchLog
from indexer.hits import Answer
from kb.errors import KnowledgeBaseError
from kb.settings import Settings
from portal.commands.report import command
from portal.knowledge import open_knowledge_base

HOSTILE = "<script>alert(1)</script> | [pay](https://evil.example)"


@pytest.fixture(scope="module")
def base(tmp_path_factory, prepared_model):
    """A base of one article in which twelve visits of last week found nothing, and four asked the team, in words that mean harm."""
    data = tmp_path_factory.mktemp("base")
    (data / "articles" / "en").mkdir(parents=True)
    (data / "articles" / "en" / "refund.md").write_text("---\ntitle: Get a refund\nproduct: kb\nstatus: published\n---\n\nAsk within 14 days.\n")
    open_knowledge_base(Settings(articles=data / "articles", data=data, model=str(prepared_model))).index()
    database = data / "kb.sqlite"
    monday = datetime.combine(last_week(now=utc_now(), zone=UTC).first, datetime.min.time(), UTC)
    for number in range(12):
        at = monday + timedelta(days=number % 5, hours=9)
        answer = Answer(query="=1+1 pay by seashells", lang="en", hits=(), confidence=0.1, outcome="failed", took_ms=1.0)
        SearchLog(database, now=lambda at=at: at).record(text=answer.query, lang="en", visit=Visit(f"s{number}", f"10.0.0.{number}"), source="portal", answer=answer)
    for number in range(4):
        asked = Questions(database, now=lambda: monday + timedelta(days=1, hours=10))
        asked.ask(text=HOSTILE, lang="en", session=f"q{number}", address=f"10.0.1.{number}")
    return data


@pytest.fixture
def kb(base, tmp_path, prepared_model, monkeypatch):
    """Runs `kb report` in an empty folder."""
    for name, value in {"KB_ARTICLES": base / "articles", "KB_DATA": base, "KB_MODEL": prepared_model, "KB_TITLE": "Acme Help"}.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        return CliRunner().invoke(command, arguments, standalone_mode=False, catch_exceptions=False)

    return run


def test_without_options_the_last_days_are_printed(kb):
    told = kb()
    assert told.return_value == 0 and told.stderr == "" and os.listdir() == []
    assert told.stdout.startswith("Support report: Acme Help\n")
    for said in ("16 requests", "Self-service", "… too few cases", "0 of 16 requests", "No customer gave a rating in this period.", "Articles to look at"):
        assert said in told.stdout
    assert [line for line in told.stdout.splitlines() if line.startswith("Acknowledged within 15 minutes") and "0 of 4" in line]


def test_it_speaks_chinese_when_asked(kb):
    said = kb("--in", "zh").stdout
    assert said.startswith("支持报告：Acme Help\n") and "自助解决率" in said and "16 次求助" in said


def test_the_last_week_is_written_into_a_file_of_its_name(kb):
    told = kb("--week")
    year, number, _ = last_week(now=utc_now(), zone=UTC).first.isocalendar()
    name = f"kb-report-{year}-W{number:02}.md"
    assert (told.return_value, told.stdout, told.stderr) == (0, "", f"wrote {name}\n") and os.listdir() == [name]
    text = Path(name).read_text(encoding="utf-8")
    assert text.startswith("# Support report: Acme Help\n") and "=1+1 pay by seashells" in text
    assert "<script>" not in text and "&lt;script&gt;alert(1)&lt;/script&gt; &#124; \\[pay\\](https\u2060://evil.\u2060example)" in text


def test_a_digest_in_html_is_one_file_without_script(kb):
    kb("--week", "--format", "html", "--out", "digest.html")
    page = Path("digest.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>") and "<script" not in page and "&lt;script&gt;alert(1)" in page and "href" not in page


def test_a_file_is_written_anew_each_time(kb):
    Path("r.txt").write_text("the report of before, which was far longer" * 2000)
    assert kb("--out", "r.txt").stderr == "wrote r.txt\n"
    assert Path("r.txt").read_text(encoding="utf-8") == kb().stdout


def test_a_dash_is_standard_output(kb):
    assert kb("--week", "--out", "-").stdout.startswith("# Support report")


def test_tables_go_into_a_folder_and_a_workbook(kb):
    told = kb("--csv", "tables/week", "--xlsx", "week.xlsx")
    assert told.stdout == "" and told.stderr.endswith("wrote week.xlsx\n")
    assert sorted(path.stem for path in Path("tables/week").iterdir()) == ["articles", "effects", "findability", "people", "targets", "topics", "weeks"]
    with open("tables/week/topics.csv", encoding="utf-8-sig", newline="") as file:
        names = {row["name_en"] for row in csv.DictReader(file)}
    assert "'=1+1 pay by seashells" in names and HOSTILE in names
    cells = {cell.value: cell for row in load_workbook("week.xlsx")["topics"].iter_rows() for cell in row}
    assert cells["=1+1 pay by seashells"].data_type == "s"


def test_json_narrows_to_what_was_asked_for(kb):
    told = json.loads(kb("--format", "json", "--lang", "zh", "--days", "28").stdout)
    assert (told["lang"], told["requests"], told["simulated"]) == ("zh", 0, False)
    assert json.loads(kb("--format", "json", "--from", "2020-01-06", "--to", "2020-01-12").stdout)["requests"] == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--week", "--days", "7"), "give one period"),
        (("--days", "7", "--from", "2026-01-01", "--to", "2026-01-02"), "give one period"),
        (("--from", "2026-01-01"), "--from and --to belong together"),
        (("--from", "2026-01-02", "--to", "2026-01-01"), "--from 2026-01-02 is after --to 2026-01-01"),
        (("--product", "nothing"), "there is no product 'nothing'"),
    ],
)
def test_a_period_or_product_that_cannot_be_is_wrong_usage(kb, arguments, complaint):
    import click

    with pytest.raises(click.UsageError, match=complaint):
        kb(*arguments)


def test_a_place_that_cannot_be_written_is_named(kb):
    Path("file").write_text("in the way")
    with pytest.raises(KnowledgeBaseError, match="file/report.md cannot be written: .*; name another place"):
        kb("--week", "--out", "file/report.md")


def test_a_demonstration_is_told_first(kb, base, tmp_path):
    mark_demonstration(base / "kb.sqlite", utc_now())
    assert kb().stdout.startswith("Demonstration")
    assert kb("--week", "--in", "zh", "--out", "-").stdout.startswith("> **演示")
