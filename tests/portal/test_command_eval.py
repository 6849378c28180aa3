"""`kb eval` and `kb explain`: figures and reasons for people and for scripts."""

import json

import pytest


@pytest.fixture(scope="module")
def labelled_set(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labelled") / "desk"
    (folder / "articles").mkdir(parents=True)
    (folder / "articles" / "refunds.md").write_text("# How do I get my money back?\n\nRefunds arrive within five working days.\n", "utf-8")
    (folder / "articles" / "password.md").write_text("# Reset your password\n\nPress Forgot password on the sign-in page.\n", "utf-8")
    rows = [
        {"id": "1", "text": "when do I get my refund", "lang": "en", "gold": ["refunds.md"]},
        {"id": "2", "text": "忘记密码怎么办", "lang": "zh", "gold": ["password.md"]},
        {"id": "3", "text": "who won the world cup", "lang": "en", "gold": []},
    ]
    (folder / "queries.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return folder


@pytest.fixture(scope="module")
def places(help_centre):
    return {"KB_ARTICLES": str(help_centre.articles), "KB_DATA": str(help_centre.data), "KB_MODEL": help_centre.model}


def test_eval_prints_a_row_for_each_query_language(labelled_set, places, warm_kb):
    told = warm_kb("eval", str(labelled_set), "--json", environment=places)
    assert told.returncode == 0, told.stderr
    rows = {row["lang"]: row for row in json.loads(told.stdout)["sets"]}
    assert (rows["en"]["queries"], rows["en"]["mrr"], rows["en"]["area"]) == (2, 1.0, 1.0)
    assert (rows["zh"]["queries"], rows["zh"]["mrr"]) == (1, 1.0)


def test_eval_without_a_set_is_wrong_usage(places, warm_kb):
    told = warm_kb("eval", environment=places)
    assert told.returncode == 2 and "name at least one SET, or --own" in told.stderr


def test_eval_own_says_when_there_is_nothing_to_learn_from(places, warm_kb):
    told = warm_kb("eval", "--own", environment=places)
    assert (told.returncode, told.stdout) == (0, "no search has led to a helpful vote yet\n")


def test_eval_names_the_line_of_a_broken_query(labelled_set, places, warm_kb, tmp_path):
    (tmp_path / "articles").mkdir()
    (tmp_path / "queries.jsonl").write_text("{}\n", "utf-8")
    told = warm_kb("eval", str(tmp_path), environment=places)
    assert told.returncode == 1 and "queries.jsonl:1: not a labelled query" in told.stderr


def test_explain_says_where_the_article_stands_and_what_it_lacks(places, warm_kb):
    told = warm_kb("explain", "take back my vote teleporter", "en/customers/vote", environment=places)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("en/customers/vote: place ") and "words it lacks: teleporter" in told.stdout


def test_explain_does_not_tell_a_missing_article_from_a_hidden_one(places, warm_kb):
    told = warm_kb("explain", "anything", "en/nothing", environment=places)
    assert told.returncode == 1 and told.stderr == "kb: no article 'en/nothing' here; `kb search` finds articles by their words\n"
