"""`kb import`: what came in, what changed and what was refused, for a person and for a program, with an exit code that says which."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kb.import_samples import docx, paragraph, picture, write, zendesk_article

ROOT = Path(__file__).parents[2]


@pytest.fixture
def kb(tmp_path):
    """Run the real command on an articles folder of its own."""
    articles = tmp_path / "articles"
    articles.mkdir()

    def run(*arguments: str | Path) -> subprocess.CompletedProcess:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
        return subprocess.run(
            [sys.executable, "-m", "portal.command", "import", *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=60,
            env={**clean, "KB_ARTICLES": str(articles), "KB_DATA": str(tmp_path / "data")},
        )  # fmt: skip

    return run


def test_a_source_comes_in_and_every_change_is_told(kb, tmp_path):
    source = write(tmp_path / "export", {"guide.docx": docx(paragraph("退款说明", "Title"), paragraph("打开订单。"), picture()), "a.html": "<h1>A</h1><p style='color:red'>x</p>"})
    told = kb(source, "--into", "manual")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout == (
        "en/manual/a  A  (draft, from a.html)\n  a.html:1: colour dropped\n"
        "zh/manual/guide  退款说明  (draft, from guide.docx, 1 image)\n"
        "2 articles imported, 0 skipped, 0 refused; `kb index` makes them searchable\n"
    )
    assert sorted(path.relative_to(tmp_path).as_posix() for path in (tmp_path / "articles").rglob("*.*")) == [
        "articles/en/manual/a.md", "articles/zh/manual/guide.md", "articles/zh/manual/images/guide.png",
    ]  # fmt: skip
    again = kb(source)
    assert again.returncode == 0
    assert "a.html: file export/a.html already imported as en/manual/a; remove that file" in again.stdout
    assert again.stdout.endswith("0 articles imported, 2 skipped, 0 refused\n")


def test_what_is_refused_goes_to_standard_error_with_its_line_and_exits_1(kb, tmp_path):
    source = write(tmp_path / "export", {"good.md": "# Good\n\nx", "bad.json": '{\n"articles": oops}', "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"})
    told = kb(source)
    assert told.returncode == 1
    assert told.stderr == (
        "kb: bad.json:2: is not valid JSON: Expecting value (column 13); export it again\n"
        "kb: old.doc: is a Word document of before 2007; open it in Word and save it as .docx\n"
    )
    assert told.stdout.endswith("1 article imported, 0 skipped, 2 refused; `kb index` makes them searchable\n")


def test_an_article_that_cannot_be_shown_does_not_come_in(kb, tmp_path):
    # Quotes within quotes, deeper than any reader follows.
    source = write(tmp_path / "export", {"deep.md": "# Deep\n\n" + "> " * 60 + "x", "ok.md": "# Fine\n\nx"})
    told = kb(source)
    assert told.returncode == 1
    assert "deep.md: cannot become an article: lists and quotes are nested more than 30 deep" in told.stderr
    assert [path.name for path in (tmp_path / "articles/en").iterdir()] == ["ok.md"]


def test_a_dry_run_tells_the_same_as_json_and_writes_nothing(kb, tmp_path):
    source = write(tmp_path / "zendesk", {"articles.json": {"articles": [zendesk_article(1, "Refund", "<p>x</p><iframe src='https://v.example/1'></iframe>")]}})
    told = kb(source, "--dry", "--json", "--publish")
    assert told.returncode == 0
    assert json.loads(told.stdout) == {
        "dry": True, "skipped": [], "refused": [], "left_out": [], "undone": 0,
        "converted": [{
            "id": "en/refund", "title": "Refund", "lang": "en", "status": "published", "source": "zendesk 1", "file": "articles.json", "images": 0,
            "changes": [{"file": "articles.json", "line": None, "fact": "iframe removed; its address stays as a link", "times": 1}],
        }],
    }  # fmt: skip
    assert list((tmp_path / "articles").iterdir()) == []


@pytest.mark.parametrize("arguments", [(), ("no-such-file",), (".", "--lang", "fr"), (".", "--update")])
def test_wrong_usage_exits_2_and_says_how(kb, arguments):
    told = kb(*arguments)
    assert (told.returncode, told.stdout) == (2, "")
    assert "Error: " in told.stderr


@pytest.mark.parametrize(
    ("arguments", "fact"),
    [
        (("--into", "../up"), "kb: --into '../up' is no folder below a language; want a name such as manual or guides/windows\n"),
        ((), "kb: notes.txt holds no article; want Markdown, Word (.docx), HTML, or an export of Zendesk or Confluence\n"),
    ],
)
def test_a_source_that_cannot_be_imported_is_one_line_and_exits_1(kb, tmp_path, arguments, fact):
    write(tmp_path, {"notes.txt": "plain"})
    told = kb(tmp_path / "notes.txt", *arguments)
    assert (told.returncode, told.stdout, told.stderr) == (1, "", fact)
