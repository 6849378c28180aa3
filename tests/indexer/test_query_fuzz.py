"""Whatever is typed, the answer is an answer: nobody's secrets in it, nothing live in it, and in time."""

import time
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indexer.hits import OUTCOMES
from kb.readers import Scope
from tests.page_promises import misdeeds

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
HIDDEN = ("en/staff/discounts", "en/plans/limits", "en/drafts/soon")
"""What no stranger may find: internal, for customers who are signed in, a draft."""

PIECES = st.one_of(
    st.text(max_size=8),
    st.text(st.characters(categories=("Cs", "Cc", "Cf", "Co", "Cn", "Mn", "Me")), max_size=6),
    st.sampled_from(
        [
            "refund", "退款", "secret discount codes", "MELON42", "limits of the enterprise plan", "teleportation", "0x80070005", "v2.4.5", " ", "\n", "\0", "\ufeff", "\u202e",
            "\u2066", "👩‍👩‍👧‍👦", "🇨🇳", "مرحبا", "שלום", "ガ", "e\u0301" * 30, "\u0301" * 200, "\ud83d", "<script>alert(1)</script>", "<mark>", "&lt;b&gt;", "' or 1=1 --", '"', '" NEAR "',
            "AND NOT", "*", "^", "{", "}", ":", "title:", "%", "_", "\\", "(" * 40, "-" * 40, "{{ x }}", "a" * 300, "退" * 300, "1" * 300, "aB" * 150, "a_b.c-d" * 40,
        ]
    ),
)  # fmt: skip
QUERIES = st.lists(PIECES, max_size=6).map("".join)
SCOPES = st.builds(Scope, lang=st.sampled_from([None, "zh", "en", "xx", "' or 1=1 --"]), product=st.sampled_from([None, "shop", "", '" or 1=1', "\0"]), tag=st.sampled_from([None, "money", "%", "\u202e"]))


def whole(answer):
    return [(hit.article, hit.anchor, hit.passage) for hit in answer.hits], round(answer.confidence, 6), answer.outcome


@QUICK
@given(QUERIES, SCOPES)
def test_any_query_has_an_answer_that_holds_nothing_hidden_and_nothing_live(small_base, query, scope):
    _, retriever = small_base
    answer = retriever.retrieve(query, scope=scope)
    assert answer.outcome in OUTCOMES and 0 <= answer.confidence <= 1
    assert answer.query == answer.query.encode().decode()
    assert not {hit.article for hit in answer.hits} & set(HIDDEN)
    for hit in answer.hits:
        assert "MELON42" not in hit.passage + hit.answer_html + hit.title_html
        assert misdeeds(hit.answer_html) == misdeeds(hit.title_html) == []
        assert all(word in answer.query for word in hit.words)
        assert scope.lang in (None, hit.lang)


@settings(QUICK, max_examples=30)
@given(QUERIES)
def test_how_accents_are_composed_changes_no_answer(small_base, query):
    _, retriever = small_base
    composed, taken_apart = (unicodedata.normalize(form, query) for form in ("NFC", "NFD"))
    assert whole(retriever.retrieve(taken_apart, scope=Scope())) == whole(retriever.retrieve(composed, scope=Scope()))


@settings(QUICK, max_examples=30)
@given(QUERIES)
def test_white_space_around_a_query_changes_no_answer(small_base, query):
    _, retriever = small_base
    assert whole(retriever.retrieve(f" \n{query}\t ", scope=Scope())) == whole(retriever.retrieve(query, scope=Scope()))


@pytest.mark.parametrize("piece", ["a", "退款", "how do I ", "👩‍👩‍👧‍👦", "e\u0301", "\u202e", "\u0301\u0316", "\0", "v1.", "aB1_", "\ud800"])
def test_a_hundred_thousand_signs_are_answered_like_the_first_thousand_and_at_once(small_base, piece):
    _, retriever = small_base
    endless = piece * (100_000 // len(piece))
    started = time.process_time()
    answer = retriever.retrieve(endless, scope=Scope())
    assert time.process_time() - started < 2.0
    assert whole(answer) == whole(retriever.retrieve(unicodedata.normalize("NFC", endless[:4000])[:1000], scope=Scope()))
