"""Past what the machine can do nobody waits without end: first the terms arm answers, then the search is turned away; afterwards all is as before."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from indexer.admission import Admission, Gate
from indexer.embedder import Embedder
from indexer.evidence import Evidence
from indexer.judging import ANSWERED, judge_terms, terms_features, terms_outcome
from indexer.retriever import Retriever
from kb.errors import Busy
from kb.readers import PUBLIC, STAFF, Scope


class CountingEmbedder(Embedder):
    """Counts the queries that it embeds, and takes `slow` seconds longer for each."""

    def __init__(self, embedder: Embedder, *, slow: float = 0.0) -> None:
        super().__init__(embedder.model)
        self._inner, self._slow, self.embedded = embedder, slow, 0

    def embed_query(self, text):
        self.embedded += 1
        time.sleep(self._slow)
        return self._inner.embed_query(text)


@pytest.fixture
def crowded(small_base, embedder):
    """Builds a retriever of the small base with these gates; gives it with its embedder."""

    def build(*, slow=0.0, **gates):
        settings, _ = small_base
        counting = CountingEmbedder(embedder, slow=slow)
        return Retriever(settings, counting, admission=Admission(**gates)), counting

    return build


@contextmanager
def occupied(gate: Gate):
    """Every place taken, by threads that leave at the end."""
    leave, inside = threading.Event(), threading.Barrier(gate.at_once + 1)

    def stay():
        with gate.admitted():
            inside.wait(5)
            leave.wait(5)

    threads = [threading.Thread(target=stay) for _ in range(gate.at_once)]
    for thread in threads:
        thread.start()
    inside.wait(5)
    try:
        yield
    finally:
        leave.set()
        for thread in threads:
            thread.join()


def test_no_more_are_let_in_at_once_than_may_be():
    gate, inside, most, counting = Gate(at_once=3, waiting=100, seconds=5), 0, 0, threading.Lock()

    def work(_):
        nonlocal inside, most
        with gate.admitted() as admitted:
            with counting:
                inside += 1
                most = max(most, inside)
            time.sleep(0.002)
            with counting:
                inside -= 1
        return admitted

    with ThreadPoolExecutor(40) as pool:
        assert all(pool.map(work, range(80)))
    assert most == 3


def test_whoever_finds_the_line_full_is_turned_away_at_once():
    gate = Gate(at_once=1, waiting=0, seconds=5)
    with occupied(gate):
        started = time.monotonic()
        with gate.admitted() as admitted:
            assert not admitted
        assert time.monotonic() - started < 1


def test_whoever_waits_too_long_is_turned_away_and_leaves_the_line_to_others():
    gate = Gate(at_once=1, waiting=1, seconds=0.05)
    with occupied(gate):
        for _ in range(3):
            with gate.admitted() as admitted:
                assert not admitted
    with gate.admitted() as admitted:
        assert admitted


def test_those_in_line_come_in_in_the_order_in_which_they_came():
    gate, order, threads = Gate(at_once=1, waiting=5, seconds=5), [], []

    def work(number):
        with gate.admitted():
            order.append(number)

    with occupied(gate):
        for number in range(5):
            threads.append(threading.Thread(target=work, args=[number]))
            threads[-1].start()
            while len(gate._line) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_place_is_given_back_when_the_work_fails():
    gate = Gate(at_once=1, waiting=0, seconds=0)
    with pytest.raises(ValueError, match="wrong"), gate.admitted():
        raise ValueError("wrong")
    with gate.admitted() as admitted:
        assert admitted


def test_no_place_is_lost_when_turns_come_in_the_moment_in_which_patience_ends():
    gate = Gate(at_once=2, waiting=50, seconds=0.001)

    def work(_):
        with gate.admitted():
            time.sleep(0.0005)

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(work, range(600)))
    assert not gate._line
    with gate.admitted() as one, gate.admitted() as other:
        assert one and other


def test_a_search_that_cannot_be_done_in_full_is_answered_by_its_words_and_says_so(crowded):
    gate = Gate(at_once=1, waiting=0, seconds=0)
    retriever, embedder = crowded(full=gate)
    with occupied(gate):
        answer = retriever.retrieve("ERR_SSL_PROTOCOL_ERROR", scope=Scope())
    assert answer.degraded and answer.hits[0].article == "en/errors/certificate" and embedder.embedded == 0
    assert "<mark>ERR_SSL_PROTOCOL_ERROR</mark>" in answer.hits[0].title_html and answer.hits[0].answer_html


def test_the_first_search_after_the_rush_is_a_full_one(crowded):
    gate = Gate(at_once=1, waiting=0, seconds=0)
    retriever, embedder = crowded(full=gate)
    with occupied(gate):
        retriever.retrieve("how do I get my money back", scope=Scope())
    answer = retriever.retrieve("how do I get my money back", scope=Scope())
    assert not answer.degraded and answer.outcome == "answered" and embedder.embedded == 1


def test_past_the_second_bound_a_search_is_turned_away_with_the_time_to_come_back(crowded):
    gate = Gate(at_once=1, waiting=0, seconds=1.5)
    retriever, _ = crowded(full=gate, terms=gate)
    retriever.refresh()
    with occupied(gate), pytest.raises(Busy, match="try again in 2 s") as refused:
        retriever.retrieve("refund", scope=Scope())
    assert refused.value.retry_seconds == 2
    assert retriever.retrieve("refund", scope=Scope()).hits


def test_nothing_is_embedded_for_the_log_of_a_search_that_was_not(crowded):
    gate = Gate(at_once=1, waiting=0, seconds=0)
    retriever, embedder = crowded(full=gate)
    with occupied(gate):
        answer = retriever.retrieve("refund", scope=Scope())
        assert retriever.token_mean(answer.query) is None
    assert embedder.embedded == 0


def test_words_alone_find_no_more_than_the_reader_may_see(crowded):
    gate = Gate(at_once=1, waiting=0, seconds=0)
    retriever, _ = crowded(full=gate)
    with occupied(gate):
        found = [retriever.retrieve("secret discount codes MELON42", scope=Scope(reader)).hits for reader in (PUBLIC, STAFF)]
    assert "en/staff/discounts" not in {hit.article for hit in found[0]}
    assert found[1][0].article == "en/staff/discounts"


def test_words_alone_show_one_language_version_of_an_article_in_the_readers_language(crowded):
    gate = Gate(at_once=1, waiting=0, seconds=0)
    retriever, _ = crowded(full=gate)
    with occupied(gate):
        answer = retriever.retrieve("refund 退款", scope=Scope(), prefer="zh")
    assert [hit.article for hit in answer.hits if "refunds" in hit.article] == ["zh/billing/refunds"]


@pytest.mark.parametrize("text", ["", "qqqxyz", "？", "\x00\ud800", "refund " * 15_000])
def test_whatever_is_asked_words_alone_give_an_answer(crowded, text):
    gate = Gate(at_once=1, waiting=0, seconds=0)
    retriever, _ = crowded(full=gate)
    with occupied(gate):
        answer = retriever.retrieve(text, scope=Scope())
    assert answer.outcome in ("answered", "weak", "failed") and 0 <= answer.confidence <= 1
    assert answer.degraded is bool(answer.query)


def _found(article, *, bm25, coverage):
    return Evidence(article, article + 1, 0.0, 0.0, 0.0, 0.0, bm25, coverage, (0.0, 0.0, 0.0), ("", ""), None)


def test_confidence_by_words_grows_with_what_is_covered_and_with_the_lead():
    whole, part, close = (
        judge_terms(terms_features([_found(0, bm25=9, coverage=coverage), _found(1, bm25=second, coverage=0.2)]))
        for coverage, second in ((1.0, 2), (0.6, 2), (1.0, 8.8))
    )
    assert whole > part and whole > close and whole > 0.9


def test_words_alone_never_call_answered_what_they_cover_less_than_half_of():
    lone = [_found(0, bm25=9, coverage=0.49)]
    assert judge_terms(terms_features(lone)) < ANSWERED < judge_terms(terms_features([_found(0, bm25=9, coverage=1.0)]))


def test_words_alone_never_say_that_nothing_answers_while_they_found_something():
    assert [terms_outcome(0.01, found=True), terms_outcome(0.6, found=True), terms_outcome(0.0, found=False)] == ["weak", "answered", "failed"]


def test_forty_at_once_all_get_an_answer_or_a_polite_no_in_time_and_then_all_is_as_before(crowded):
    gates = {"full": Gate(at_once=2, waiting=2, seconds=0.1), "terms": Gate(at_once=1, waiting=4, seconds=1)}
    retriever, embedder = crowded(slow=0.08, **gates)
    retriever.refresh()
    together = threading.Barrier(40)

    def ask(number):
        together.wait()
        started = time.monotonic()
        try:
            kind = "words" if retriever.retrieve(f"refund number {number}", scope=Scope()).degraded else "full"
        except Busy:
            kind = "busy"
        return kind, time.monotonic() - started

    with ThreadPoolExecutor(40) as pool:
        told = list(pool.map(ask, range(40)))
    kinds = [kind for kind, _ in told]
    assert kinds.count("full") == embedder.embedded and set(kinds) == {"full", "words", "busy"}
    assert max(seconds for _, seconds in told) < 5
    assert not retriever.retrieve("refund afterwards", scope=Scope()).degraded
