"""From evidence to score, order and confidence: pure functions on evidence written by hand."""

import io

import numpy as np
import pytest

from indexer.evidence import Evidence
from indexer.fitting import Sample, fit_confidence, fit_ranking, mean_reciprocal_rank, report
from indexer.judging import confidence_features, judge, outcome
from indexer.ranking import FEATURES, display_score, rank_scores, ranking_features


def evidence(article=0, *, late=0.8, head=0.8, title=0.8, bm25=0.0, coverage=0.0):
    return Evidence(article, article + 1, late, head, title, 0.8, bm25, coverage, (0.0, 0.0, 0.0), ("", ""), np.zeros((0, 0), np.float32))


def test_an_arm_without_evidence_falls_silent():
    rows = ranking_features([evidence(bm25=9.0, coverage=0.1), evidence(bm25=4.5, coverage=0.05)])
    assert rows[:, FEATURES.index("terms")].tolist() == pytest.approx([0.1, 0.05])


def test_more_of_any_evidence_never_ranks_lower():
    weak = rank_scores([evidence(), evidence(1, late=0.9, head=0.9, title=0.9, bm25=3.0, coverage=1.0)])
    assert weak[1] > weak[0]


def test_no_evidence_is_no_score():
    assert rank_scores([]).shape == (0,)


def test_displayed_scores_start_at_one_and_keep_the_order():
    scores = np.array([5.0, 4.0, -3.0])
    shown = [display_score(scores, place) for place in range(3)]
    assert shown[0] == 1.0 and shown == sorted(shown, reverse=True)


def test_confidence_features_of_a_lone_article_claim_no_lead():
    features = confidence_features([evidence(coverage=0.5)], np.array([3.0]))
    assert (features["margin"], features["late_lead"], features["head_lead"]) == (0.0, 0.0, 0.0)


def test_confidence_does_not_depend_on_how_many_poor_articles_there_are():
    best, poor = evidence(late=0.9, head=0.9, coverage=1.0, bm25=5.0), [evidence(i, late=0.75, head=0.75) for i in range(1, 40)]
    few, many = [best, *poor[:8]], [best, *poor]
    assert judge(confidence_features(few, rank_scores(few))) == pytest.approx(judge(confidence_features(many, rank_scores(many))), abs=0.01)


@pytest.mark.parametrize(("confidence", "name"), [(0.95, "answered"), (0.45, "weak"), (0.05, "failed")])
def test_outcomes_follow_confidence(confidence, name):
    assert outcome(confidence) == name


def _samples(group, number=60):
    """Gold articles that only `late` tells apart."""
    draw, samples = np.random.default_rng(7), []
    for i in range(number):
        gold = np.arange(6) == i % 6
        found = tuple(evidence(n, late=0.8 + 0.05 * gold[n] + 0.01 * draw.random(), head=0.8 + 0.05 * draw.random()) for n in range(6))
        samples.append(Sample(group, "en", found, ranking_features(found), gold, True))
    return samples


def test_the_fit_finds_the_feature_that_tells_gold_apart():
    weights = fit_ranking(_samples("one"))
    assert weights["late"] > 5 * weights["head"]
    assert mean_reciprocal_rank(_samples("two"), weights) > 0.95


def test_fitted_confidence_is_higher_where_the_first_hit_answers():
    samples = _samples("one")
    ranking = fit_ranking(samples)
    weights = fit_confidence(samples, ranking)
    assert weights["late_lead"] > 0


def test_the_report_measures_each_set_on_weights_fitted_without_it():
    out = io.StringIO()
    weights = report(_samples("one") + _samples("two"), lambda group: group, out=out)
    assert {"ranking", "confidence", "terms_confidence"} == set(weights)
    assert [line.split()[0] for line in out.getvalue().splitlines()[1:]] == ["one", "two"]
