"""Figures on runs small enough to compute by hand."""

import math

import pytest

from indexer.evaluation import QueriesError, area_under_roc, brier_score, read_queries, reciprocal_rank, reliability


@pytest.mark.parametrize(("hits", "rank"), [(["a"], 1.0), (["x", "a"], 0.5), (["x", "y", "z"], 0.0), ([], 0.0), (["x"] * 10 + ["a"], 0.0)])
def test_reciprocal_rank_is_of_the_first_gold_article_in_ten(hits, rank):
    assert reciprocal_rank(hits, frozenset({"a", "b"})) == rank


def test_area_under_roc_counts_ties_half():
    assert area_under_roc([0.9, 0.5], [0.5, 0.1]) == pytest.approx(3.5 / 4)
    assert math.isnan(area_under_roc([0.9], []))


def test_brier_score_and_reliability():
    assert brier_score([1.0, 0.5], [True, False]) == pytest.approx(0.125)
    assert reliability([0.1, 0.9, 1.0], [False, True, False], bins=2) == [(0.1, 0.0, 1), (pytest.approx(0.95), 0.5, 2)]


def test_a_broken_line_of_queries_is_named(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"id": 1, "text": "x", "gold": ["a.md"]}\n{"id": 2}\n')
    with pytest.raises(QueriesError, match="queries.jsonl:2: not a labelled query"):
        read_queries(path)


def test_gold_ids_lose_their_suffix(tmp_path):
    path = tmp_path / "queries.jsonl"
    path.write_text('{"id": 1, "text": "x", "lang": "en", "gold": ["en/a.md"]}\n')
    assert read_queries(path)[0].gold == {"en/a"}
