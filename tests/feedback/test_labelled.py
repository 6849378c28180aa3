"""A helpful vote that a search led to labels the search."""

from feedback.audience import Visit
from feedback.labelled import read_labelled_searches
from feedback.searches import SearchLog
from feedback.votes import Votes


def test_searches_with_helpful_votes_are_labelled_and_others_are_not(database_path, clock, answer):
    log, votes = SearchLog(database_path, now=clock), Votes(database_path, now=clock)
    for session, text, helpful in (("anna", "refund", True), ("bo", "refund", True), ("cy", "invoice", False), ("di", "password", None)):
        number = log.record(text=text, lang="en", visit=Visit(session), source="portal", answer=answer(text, f"en/{text}"))
        if helpful is not None:
            votes.cast(f"en/{text}", helpful, session=session, search_id=number)
        clock.go_on(minutes=1)
    found = read_labelled_searches(database_path)
    assert [(query.text, query.lang, query.gold) for query in found] == [("refund", "en", {"en/refund"})]


def test_an_article_that_helped_one_and_not_another_labels_nothing(database_path, clock, answer):
    log, votes = SearchLog(database_path, now=clock), Votes(database_path, now=clock)
    for session, helpful in (("anna", True), ("bo", False)):
        number = log.record(text="refund", lang="en", visit=Visit(session), source="portal", answer=answer("refund", "en/refund"))
        votes.cast("en/refund", helpful, session=session, search_id=number)
        clock.go_on(minutes=1)
    assert read_labelled_searches(database_path) == []
