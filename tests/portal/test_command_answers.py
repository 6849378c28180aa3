"""The real command on a small real knowledge base: what it prints, and the exit code it ends with."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORGOTTEN = """---
title: Reset your password
tags: [login]
product: desk
aliases: [cannot sign in]
---
Open the sign-in page and choose **Forgot password**.

## On a phone

1. Open the app.
2. Tap *Forgot password*.
"""


def article(title, text, **fields):
    matter = "".join(f"{name}: {value}\n" for name, value in {"title": title, **fields}.items())
    return f"---\n{matter}---\n{text}\n"


ARTICLES = {
    "en/account/reset-password.md": FORGOTTEN,
    "zh/account/reset-password.md": article(
        "重置密码", "打开登录页，点击**忘记密码**，邮箱里会收到一封重置邮件。", tags="[登录]", product="desk"
    ),
    "en/billing/refunds.md": article("Get your money back", "A refund reaches your card within five working days.", tags="[billing]"),
    "zh/billing/invoice.md": article(
        "开具发票", "在“账单”页面填写抬头和税号，发票会在一个工作日内发到邮箱。", tags="[billing]"
    ),
    "en/errors/access-denied.md": article(
        "Update fails with 0x80070005", "The code 0x80070005 means access denied. Run the updater as administrator."
    ),
    "en/team/escalation.md": article(
        "Escalate an incident", "Call the engineer on duty and open a bridge call.", visibility="internal"
    ),
}
BROKEN = "---\ntitle: Broken\nreview_by: next week\n---\nText.\n"


@pytest.fixture(scope="module")
def kb(tmp_path_factory, prepared_model, warm_kb):
    """Runs the command on a folder of six good articles and a broken one, already indexed."""
    folder = tmp_path_factory.mktemp("base")
    for path, text in {**ARTICLES, "en/broken.md": BROKEN}.items():
        (folder / "articles" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "articles" / path).write_text(text, encoding="utf-8")
    environment = {"KB_ARTICLES": str(folder / "articles"), "KB_DATA": str(folder / "data"), "KB_MODEL": str(prepared_model)}

    def run(*arguments, typed="", **changed):
        return warm_kb(*arguments, environment=environment | changed, typed=typed)

    run.folder = folder
    run.first = run("index", "--json")
    return run


def test_index_reports_what_it_did_and_names_the_broken_file(kb):
    assert kb.first.returncode == 0, kb.first.stderr
    report = json.loads(kb.first.stdout)
    assert (report["articles"], report["removed"]) == (6, 0)
    assert report["passages"] >= 6
    [problem] = report["problems"]
    assert problem["path"].endswith("en/broken.md") and problem["line"] == 3
    assert "review_by" in problem["fact"] and "YYYY-MM-DD" in problem["fact"]
    assert f"en/broken.md:3: {problem['fact']}\n" in kb.first.stderr


def test_indexing_again_embeds_nothing(kb):
    again = kb("index", "--json")
    assert again.returncode == 0
    assert json.loads(again.stdout)["embedded"] == 0


def test_a_search_prints_the_article_its_language_and_its_passage(kb):
    told = kb("search", "how", "do", "I", "get", "my", "money", "back")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    first = lines.index("Get your money back")
    assert re.fullmatch(r"en/billing/refunds  en  [01]\.\d\d", lines[first + 1])
    assert any("within five working days" in line for line in lines)
    assert "\x1b" not in told.stdout


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("reset password", "en/account/reset-password"),
        ("忘记密码怎么办", "zh/account/reset-password"),
        ("0x80070005", "en/errors/access-denied"),
        ("怎么开发票", "zh/billing/invoice"),
    ],
)
def test_the_right_article_comes_first(kb, text, article):
    answer = json.loads(kb("search", text, "--json").stdout)
    assert answer["query"] == text
    assert answer["hits"][0]["article"] == article
    assert 0 <= answer["confidence"] <= 1
    assert answer["outcome"] in ("answered", "weak", "failed")


@pytest.mark.parametrize(
    ("flags", "articles"),
    [
        (("--lang", "zh"), {"zh/account/reset-password", "zh/billing/invoice"}),
        (("--product", "desk"), {"en/account/reset-password", "zh/account/reset-password"}),
        (("--tag", "billing"), {"en/billing/refunds", "zh/billing/invoice"}),
        (("--tag", "billing", "--lang", "en"), {"en/billing/refunds"}),
    ],
)
def test_filters_narrow_what_is_found(kb, flags, articles):
    answer = json.loads(kb("search", "password refund", "--json", "--limit", "50", *flags).stdout)
    found = {hit["article"] for hit in answer["hits"]}
    assert found and found <= articles


def test_only_staff_find_internal_articles(kb):
    def find(reader):
        answer = json.loads(kb("search", "escalate an incident", "--as", reader, "--json", "--limit", "50").stdout)
        return {hit["article"] for hit in answer["hits"]}

    assert "en/team/escalation" in find("staff")
    assert "en/team/escalation" not in find("public") | find("customer")


def test_show_prints_the_markdown_of_one_article(kb):
    told = kb("show", "en/account/reset-password")
    assert told.returncode == 0
    assert "## On a phone" in told.stdout
    described = json.loads(kb("show", "en/account/reset-password.md", "--json").stdout)
    assert (described["title"], described["lang"], described["tags"]) == ("Reset your password", "en", ["login"])
    assert described["translations"] == ["zh/account/reset-password"]


def test_showing_what_is_not_there_is_one_line_and_exits_1(kb):
    told = kb("show", "en/nothing")
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr == "kb: no article 'en/nothing' here; `kb search` finds articles by their words\n"
    hidden = kb("show", "en/team/escalation", "--as", "public")
    assert hidden.stderr == "kb: no article 'en/team/escalation' here; `kb search` finds articles by their words\n"


def test_doctor_names_the_broken_file_and_exits_1(kb):
    told = kb("doctor", "--json")
    assert told.returncode == 1, told.stderr
    findings = json.loads(told.stdout)
    assert {finding["level"] for finding in findings} <= {"ok", "warning", "fault"}
    assert any("broken.md" in finding["subject"] + finding["message"] for finding in findings if finding["level"] != "ok")


def test_a_batch_answers_in_order_and_names_broken_lines(kb, tmp_path):
    queries = tmp_path / "queries.jsonl"
    queries.write_text(
        '{"id": "one", "text": "money back", "lang": "en"}\n{"id": "two"\n\n{"id": 3, "text": "开发票", "lang": "zh"}\n', encoding="utf-8"
    )
    told = kb("search", "--batch", str(queries))
    assert told.returncode == 1
    assert told.stderr.startswith("kb: line 2: not JSON")
    rows = [json.loads(line) for line in told.stdout.splitlines()]
    assert [row["id"] for row in rows] == ["one", 3]
    assert [row["hits"][0]["article"] for row in rows] == ["en/billing/refunds", "zh/billing/invoice"]
    assert all(set(row) == {"id", "hits", "confidence", "outcome"} and len(row["hits"]) <= 10 for row in rows)
    assert all(set(hit) == {"article", "score", "passage"} for row in rows for hit in row["hits"])


def test_a_batch_reads_standard_input_and_exits_0_when_every_line_is_good(kb):
    told = kb("search", "--batch", "-", typed='{"id": 1, "text": "refund"}\n')
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["hits"][0]["article"] == "en/billing/refunds"


def test_flags_before_or_after_the_part_win_over_the_environment(kb, tmp_path):
    here = ("--articles", str(kb.folder / "articles"), "--data", str(kb.folder / "data"))
    elsewhere = {"KB_ARTICLES": str(tmp_path / "none"), "KB_DATA": str(tmp_path / "none")}
    assert kb(*here, "search", "refund", **elsewhere).returncode == 0
    assert kb("search", "refund", *here, **elsewhere).returncode == 0
    assert kb("search", "refund", **elsewhere).returncode == 1


def test_searching_before_indexing_says_what_to_run(kb, tmp_path):
    told = kb("search", "refund", KB_DATA=str(tmp_path / "empty"))
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.startswith("kb: ") and "run `kb index`" in told.stderr and told.stderr.count("\n") == 1


def test_indexing_a_folder_without_articles_exits_1(kb, tmp_path):
    told = kb("index", "--articles", str(tmp_path / "none"), "--data", str(tmp_path / "data"))
    assert told.returncode == 1
    assert "Traceback" not in told.stderr


def test_a_reader_that_stops_reading_gets_no_traceback(kb, prepared_model):
    shell = f"{sys.executable} -m portal.command show en/account/reset-password | head -c 1"
    environment = {**os.environ, "KB_DATA": str(kb.folder / "data"), "KB_MODEL": str(prepared_model)}
    told = subprocess.run(["bash", "-c", shell], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert (len(told.stdout), told.stderr) == (1, "")


def test_an_empty_query_is_answered_by_nothing_at_all(kb):
    told = kb("search", "--batch", "-", typed='{"id": 1, "text": ""}\n')
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout) == {"id": 1, "hits": [], "confidence": 0.0, "outcome": "failed"}
