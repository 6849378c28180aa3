"""`kb person` gives out and erases what is stored about one person, named in exactly one way."""

import json

import pytest

from feedback.audience import Visit
from feedback.questions import Questions
from feedback.searches import SearchLog
from indexer.hits import Answer
from kb.database import migrate
from portal import knowledge as knowledge  # registers every table


@pytest.fixture
def kb(tmp_path, prepared_model, warm_kb):
    """Runs `kb` on a base in which anna searched and asked, and bo searched."""
    database = tmp_path / "data" / "kb.sqlite"
    migrate(database)
    for session in ("anna", "bo"):
        answer = Answer(query=f"words of {session}", lang="en", hits=(), confidence=0.1, outcome="failed", took_ms=1.0)
        SearchLog(database).record(text=answer.query, lang="en", visit=Visit(session), source="portal", answer=answer)
    asked = Questions(database).ask(text="导出失败", lang="zh", session="anna", contact="anna@example.com", consent=True)
    places = {"KB_ARTICLES": str(tmp_path), "KB_DATA": str(tmp_path / "data"), "KB_MODEL": str(prepared_model)}

    def run(*arguments, typed=""):
        return warm_kb("person", *arguments, environment=places, typed=typed)

    run.asked = asked
    return run


def test_an_export_is_the_same_json_however_the_person_is_named(kb):
    told = kb("export", "--contact", "Anna@Example.com")
    assert told.returncode == 0, told.stderr
    given = json.loads(told.stdout)
    assert [question["text"] for question in given["questions"]] == ["导出失败"]
    assert [search["text"] for search in given["searches"]] == ["words of anna"]
    assert "导出失败" in told.stdout
    assert kb("export", "--reference", kb.asked.reference).stdout == told.stdout
    assert kb("export", "--session", given["sessions"][0]).stdout == told.stdout


def test_an_erasure_says_what_went_and_leaves_nothing(kb):
    told = kb("erase", "--contact", "anna@example.com", "--yes")
    assert (told.returncode, told.stdout) == (0, "erased 1 searches, 0 opens, 0 votes, 1 questions\n")
    again = kb("erase", "--contact", "anna@example.com", "--yes")
    assert (again.returncode, again.stdout) == (0, "nothing is stored about this person\n")


def test_an_erasure_asks_first_and_a_no_erases_nothing(kb):
    told = kb("erase", "--reference", kb.asked.reference, typed="n\n")
    assert told.returncode == 130 and "Erase 1 searches, 0 opens, 0 votes, 1 questions for good?" in told.stderr
    assert json.loads(kb("export", "--reference", kb.asked.reference).stdout)["questions"]
    assert kb("erase", "--reference", kb.asked.reference, typed="y\n").returncode == 0
    assert json.loads(kb("export", "--reference", kb.asked.reference).stdout)["questions"] == []


@pytest.mark.parametrize(
    "arguments",
    [("export",), ("erase", "--yes"), ("export", "--contact", "a@b.cd", "--reference", "Q-1"), ("forget", "--contact", "a@b.cd"), ()],
)
def test_a_person_that_is_not_named_in_exactly_one_way_is_wrong_usage(kb, arguments):
    told = kb(*arguments)
    assert told.returncode == 2 and told.stdout == "" and "Error: " in told.stderr
