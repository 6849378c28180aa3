"""Texts that mean the same are found together, in either language, and groups that exist are joined alike."""

import numpy as np
import pytest

from feedback.grouping import group_queries, group_texts, represent
from feedback.joining import join_groups, mergeable
from indexer.background import embed_background
from indexer.embedder import Embedder
from indexer.embeddings import token_codec

INVOICE = ["发票抬头开错了怎么改", "发票上的公司名写错了", "wrong company name on my invoice", "how do I correct the company name on an invoice"]
PRINTER = ["打印机连不上", "电脑找不到打印机", "my printer cannot be found", "the computer does not find the printer"]
OTHERS = ["快递一个星期还没到", "is there a student discount", "how do I turn on dark mode", "怎么注销账号", "battery drains too fast", "webhook 没有触发"]


@pytest.fixture(scope="module")
def embedder(prepared_model):
    return Embedder(str(prepared_model))


@pytest.fixture(scope="module")
def background(embedder):
    return embed_background(embedder, token_codec(embedder.name, embedder.dimension)).token_means


@pytest.fixture(scope="module")
def rows_of(embedder, background):
    def rows(texts):
        vectors = np.stack([each.token_mean for each in embedder.embed_queries(texts)])
        return represent(vectors, [language(text) for text in texts], background=background)

    return rows


@pytest.fixture(scope="module")
def grouped(embedder, background):
    return lambda texts: group_queries(texts, [language(text) for text in texts], embedder, background).tolist()


def language(text):
    return "en" if text.isascii() else "zh"


def as_sets(labels):
    return {frozenset(np.flatnonzero(np.asarray(labels) == label).tolist()) for label in set(labels)}


def crowd(groups, each, *, seed=0, spread=0.6):
    """Unit rows around random directions, group by group, and their true labels."""
    random = np.random.default_rng(seed)
    centres = random.normal(size=(groups, 384)) / 384**0.5
    rows = np.repeat(centres, each, axis=0) + spread * random.normal(size=(groups * each, 384)) / 384**0.5
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32), np.repeat(np.arange(groups), each)


def test_two_problems_told_in_two_languages_are_two_groups(grouped):
    assert grouped(INVOICE + PRINTER) == [0, 0, 0, 0, 1, 1, 1, 1]


def test_problems_that_nobody_shares_stay_apart(grouped):
    assert grouped(OTHERS) == list(range(len(OTHERS)))


def test_a_problem_is_found_among_others(grouped):
    labels = grouped(OTHERS + INVOICE)
    assert len(set(labels[len(OTHERS) :])) == 1
    assert labels[: len(OTHERS)] == list(range(len(OTHERS)))


def test_a_single_query_is_its_own_group(grouped):
    assert grouped(["打印机连不上"]) == [0]


def test_nothing_is_grouped_into_nothing(grouped):
    assert grouped([]) == []
    assert group_texts(np.zeros((0, 384), np.float32)).tolist() == []


def test_the_same_words_are_one_group_whatever_their_case_width_and_spaces(grouped):
    assert grouped(["Printer offline", "ｐｒｉｎｔｅｒ  offline", "PRINTER OFFLINE "]) == [0, 0, 0]


def test_empty_texts_are_a_group_of_their_own(grouped):
    assert grouped(["", PRINTER[0], "  ", PRINTER[1]]) == [0, 1, 0, 1]


def test_identical_rows_are_one_group(rows_of):
    assert group_texts(np.repeat(rows_of([INVOICE[0]]), 30, axis=0)).tolist() == [0] * 30


def test_a_row_does_not_depend_on_the_rows_beside_it(rows_of, embedder, background):
    texts = INVOICE + PRINTER
    vectors = np.stack([each.token_mean for each in embedder.embed_queries(texts)])
    alone = [represent(vectors[i : i + 1], [language(text)], background=background)[0] for i, text in enumerate(texts)]
    np.testing.assert_allclose(represent(vectors, [language(text) for text in texts], background=background), alone, atol=1e-6)


def test_the_order_of_the_queries_changes_only_the_names_of_groups(grouped):
    texts = INVOICE + PRINTER + OTHERS
    shuffled = np.random.default_rng(3).permutation(len(texts))
    again = np.empty(len(texts), int)
    again[shuffled] = grouped([texts[i] for i in shuffled])
    assert as_sets(again.tolist()) == as_sets(grouped(texts))


def test_grouping_again_gives_the_same_groups():
    rows, _ = crowd(40, 8)
    assert (group_texts(rows) == group_texts(rows)).all()


@pytest.mark.parametrize(("groups", "each"), [(5, 3), (12, 30), (120, 4)])
def test_groups_are_found_whatever_their_number_and_size(groups, each):
    rows, truth = crowd(groups, each)
    assert group_texts(rows).tolist() == truth.tolist()


def test_rows_like_no_other_keep_to_themselves():
    rows, truth = crowd(20, 6)
    unlike = np.linalg.svd(rows)[2][-12:]
    labels = group_texts(np.concatenate([rows, unlike]))
    assert labels.tolist() == [*truth.tolist(), *range(20, 32)]


def test_more_rows_than_fit_at_once_are_still_grouped(monkeypatch):
    monkeypatch.setattr("feedback.grouping.LARGEST_BATCH", 150)
    rows, truth = crowd(30, 10)
    assert group_texts(rows).tolist() == truth.tolist()


def test_a_new_wording_joins_its_group_in_the_other_language(rows_of):
    groups = [rows_of(INVOICE[:2]), rows_of(PRINTER[:2]), *(rows_of([text]) for text in OTHERS)]
    centroids, sizes = np.stack([group.mean(axis=0) for group in groups]), np.array([len(group) for group in groups])
    assert join_groups(rows_of([PRINTER[2], INVOICE[3]]), centroids, sizes).tolist() == [1, 0]


def test_a_new_problem_joins_none(rows_of):
    groups = [rows_of(INVOICE), rows_of(PRINTER), *(rows_of([text]) for text in OTHERS)]
    centroids, sizes = np.stack([group.mean(axis=0) for group in groups]), np.array([len(group) for group in groups])
    assert join_groups(rows_of(["can I pay in three instalments", "怎么邀请同事加入团队"]), centroids, sizes).tolist() == [-1, -1]


def test_where_there_are_no_groups_nothing_is_joined():
    rows, _ = crowd(2, 1)
    assert join_groups(rows, np.empty((0, 0), np.float32), np.array([], np.int64)).tolist() == [-1, -1]


def test_two_halves_of_a_group_are_to_be_merged_and_others_are_not():
    rows, truth = crowd(20, 8)
    centroids = np.stack([rows[truth == group].mean(axis=0) for group in range(20)] + [rows[:4].mean(axis=0)])
    centroids[0] = rows[4:8].mean(axis=0)
    assert mergeable(centroids, np.array([4] + [8] * 19 + [4])) == [(0, 20)]
