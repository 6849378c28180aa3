"""An explanation names the numbers that the ranking used, for articles the reader may see."""

import pytest

from indexer.explaining import explain
from indexer.ranking import FEATURES
from kb.errors import ArticleNotFound
from kb.readers import PUBLIC, STAFF, Scope


def why(small_base, text, article, reader=PUBLIC):
    settings, retriever = small_base
    return explain(text, article, retriever=retriever, settings=settings, scope=Scope(reader))


def test_the_first_article_is_compared_with_itself(small_base):
    found = why(small_base, "when do I get my refund", "en/billing/refunds")
    assert (found.rank, found.first) == (1, "en/billing/refunds")
    assert [part.name for part in found.parts] == list(FEATURES)
    assert all(part.value == part.first_value for part in found.parts)


def test_what_the_parts_add_explains_the_order(small_base):
    found = why(small_base, "when do I get my refund", "en/account/password")
    assert found.rank > 1 and found.first == "en/billing/refunds"
    assert sum(part.added for part in found.parts) < sum(part.first_added for part in found.parts)


def test_it_names_the_words_that_the_article_has_and_lacks(small_base):
    found = why(small_base, "reset teleporter", "en/account/password")
    assert (found.words, found.missing_words) == (("reset",), ("teleporter",))


def test_confidence_is_the_sum_of_its_parts(small_base):
    import math

    from indexer.weights import read_weights

    found = why(small_base, "0x80070005", "en/errors/update")
    logit = sum(added for _, added in found.confidence_parts.values()) + read_weights()["confidence"]["bias"]
    assert found.confidence == pytest.approx(1 / (1 + math.exp(-logit)))


def test_an_article_out_of_the_readers_sight_is_not_explained(small_base):
    assert why(small_base, "discount", "en/staff/discounts", STAFF).rank
    for article in ("en/staff/discounts", "en/drafts/soon", "en/nothing"):
        with pytest.raises(ArticleNotFound):
            why(small_base, "discount", article)
