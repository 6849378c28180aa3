"""Targets, trends and the report as a lead reads them: no figure without what it is made of, no success that nobody confirmed."""

from __future__ import annotations

from dataclasses import replace

import lxml.html
import pytest
import streamlit as st

from feedback.intervals import Share
from feedback.trends import Trends
from kb.accounts import Account
from portal import guard, trend_charts
from portal.current import hold_knowledge
from portal.effect_charts import draw_effects
from portal.forms import STAFF_COOKIE
from portal.messages import Messages
from portal.target_words import place_on_scale, say_bounds, say_counted, say_parts, say_value
from portal.trend_words import say_change, say_seconds, say_sure_share
from tests.portal.app_pages import open_page, words
from tests.portal.lead_figures import EMPTY, FIGURES, HOSTILE, TARGETS, WEEKS, ZONE, LeadFigures, LeadKnowledge, effect

EN = Messages("en")
NAMED = {target.name: target for target in TARGETS}


@pytest.fixture
def knowledge(monkeypatch):
    """Made-up figures, and a lead at the page."""
    monkeypatch.setattr(type(st.context), "cookies", {STAFF_COOKIE: "a sign-in"})
    monkeypatch.setattr(guard, "current_account", lambda: Account("Lee", "lead"))
    knowledge = LeadKnowledge()
    hold_knowledge(knowledge)
    return knowledge


def drawn(page, holding: str):
    """The one part of the page that holds this, parsed."""
    [part] = [element.value for element in page.get("html") if holding in element.value]
    return lxml.html.fromstring(part)


def items(page) -> list[str]:
    """Each target of the page as its text."""
    return [" ".join(" ".join(item.itertext()).split()) for item in drawn(page, "kb-targets-note").xpath("//ol/li")]


def rows_of(chart) -> list[dict]:
    """The values that a chart brings along, of all its layers."""
    spec = chart.to_dict()
    assert "url" not in str(spec)
    layers = [spec, *spec.get("layer", ())]
    return [row for layer in layers for row in layer.get("data", {}).get("values", ())]


# Targets


def test_each_target_stands_with_its_figure_goal_counts_interval_and_definition(knowledge):
    shown = items(open_page("targets"))
    assert len(shown) == 9
    for part in ("Self-service", "of all requests", "met", "65.0%", "at least 60%", "62.0%–67.9%", "650 of 1000 requests", "Period before 65.0%", "said it helped 400", "unknown 200"):
        assert part in shown[0]
    assert "3.2 h at most 4 h" in shown[6] and "2.5 h–3.9 h" in shown[6] and "Still open 3" in shown[6] and "Oldest waits for 2.1 d" in shown[6]


def test_a_light_is_told_by_sign_and_word_and_not_by_colour_alone(knowledge):
    shown = items(open_page("targets"))
    for place, light in ((0, "✓ met"), (1, "≈ undecided"), (2, "✕ missed"), (3, "… too few cases"), (5, "? no figure")):
        assert light in shown[place]


def test_what_cannot_be_told_has_no_figure_and_says_why(knowledge):
    answered = items(open_page("targets"))[5]
    assert "Answered within 30 minutes" in answered and "– at least 95%" in answered and "No customer asked the team in this period." in answered
    assert "0.0%" not in answered and "waiting 0" not in answered


def test_few_cases_are_shown_as_a_count_without_an_interval(knowledge):
    acknowledged = items(open_page("targets"))[4]
    assert "5 of 8 at least 95%" in acknowledged and "Fewer than 20 cases" in acknowledged and "Not yet due 2" in acknowledged
    assert "interval" not in acknowledged and "62" not in acknowledged


def test_an_undecided_target_says_that_it_may_be_chance(knowledge):
    assert "The goal lies within the interval" in items(open_page("targets"))[1]


def test_availability_is_never_rounded_up():
    assert say_value(EN, NAMED["availability"]) == "99.89%"
    assert say_value(EN, replace(NAMED["availability"], value=0.999)) == "99.90%"
    assert say_value(EN, replace(NAMED["availability"], value=0.99999)) == "99.99%"
    assert say_counted(EN, replace(NAMED["availability"], numerator=0.0, denominator=16.0)) == "0 s of 16 s"
    assert say_bounds(EN, NAMED["availability"]) == "–"


def test_goal_value_and_interval_lie_in_order_on_the_line():
    places = place_on_scale(NAMED["self_service"])
    assert 0 < places["goal"] < places["low"] < places["value"] < places["high"] < 100
    assert place_on_scale(NAMED["acknowledged"]) is None and place_on_scale(NAMED["answered"]) is None


def test_no_longest_outage_is_told_where_there_was_none():
    calm = replace(NAMED["availability"], parts=(("outages", 0), ("down_seconds", 0.0), ("longest_seconds", 0.0), ("watched_share", 0.5)))
    assert say_parts(EN, calm) == [("Outages", "0"), ("Time on record", "50%")]


def test_targets_speak_chinese(knowledge):
    shown = items(open_page("targets", locale="zh-CN"))
    assert "自助解决率" in shown[0] and "达标" in shown[0] and "1000 次求助中的 650 次" in shown[0] and "30 分钟内答复" in shown[5]


def test_the_period_before_has_the_same_length_product_and_language(knowledge):
    open_page("targets", days="7", product="kb", asked="zh")
    (_, now), (_, before) = [asked for asked in knowledge.desk.asked if asked[0] == "targets"]
    assert (str(now.period.first), str(now.period.last), now.product, now.lang) == ("2026-11-19", "2026-11-25", "kb", "zh")
    assert before == now.before()


@pytest.mark.parametrize("page", ["targets", "trends", "report"])
def test_an_agent_sees_no_figure(knowledge, monkeypatch, page):
    monkeypatch.setattr(guard, "current_account", lambda: Account("Mei", "agent"))
    shown = open_page(page)
    assert "Your account may not do this" in words(shown) and knowledge.desk.asked == [] and not shown.get("download_button")


# Trends


def test_every_picture_has_its_table_and_a_name_for_who_does_not_see_it(knowledge):
    page = open_page("trends")
    named = [chart.proto.alt for chart in page.get("vega_lite_chart")]
    tables = [lxml.html.fromstring(element.value) for element in page.get("html") if "kb-figures" in element.value]
    assert len(named) == 8 and named == [table.xpath("string(//table/@aria-label)") for table in tables]
    results = tables[named.index("How requests ended")].xpath("//tbody/tr")
    assert len(results) == 12
    assert [cell.text_content() for cell in results[0]] == ["7 Sep – 13 Sep", "40", "10 (25%)", "10 (25%)", "10 (25%)", "10 (25%)"]


def test_what_requests_came_to_stays_in_four_parts():
    chart = trend_charts.draw_results(EN, WEEKS)
    rows = [row for row in rows_of(chart) if row["day"] == "2026-09-07"]
    assert [row["kind"] for row in rows] == ["said it helped", "opened an answer and did not come back", "unknown", "said no, or asked the team"]
    assert [(row["low"], row["high"]) for row in rows] == [(0, 0.25), (0.25, 0.5), (0.5, 0.75), (0.75, 1)]
    assert len(set(chart.to_dict()["encoding"]["color"]["scale"]["range"])) == 4


def test_the_running_week_is_marked_in_pictures_and_tables(knowledge):
    said = words(open_page("trends"))
    assert "23 Nov – 29 Nov (not over)" in said and "16 Nov – 22 Nov (not over)" not in said
    for draw_chart in trend_charts.CHARTS.values():
        assert {row["day"] for row in rows_of(draw_chart(EN, WEEKS)) if not row["over"]} == {"2026-11-23"}


def test_a_share_of_few_requests_is_a_hollow_point_and_a_count():
    [row] = rows_of(trend_charts.draw_failed(EN, [replace(WEEKS[0], failed=Share(3, 7))]))
    assert (row["over"], row["told"]) == (False, "3 of 7") and row["low"] < row["value"] < row["high"]


def test_a_week_without_a_figure_is_a_hole_and_no_nought():
    chart = trend_charts.draw_waits(EN, [WEEKS[0], replace(WEEKS[1], helped=0, seconds_to_help=None), WEEKS[2]])
    assert [row["day"] for row in rows_of(chart)] == ["2026-09-07", "2026-09-21"]
    assert chart.to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"] == ["2026-09-07", "2026-09-14", "2026-09-21"]


def test_an_effect_that_may_be_chance_is_not_drawn_as_sure(knowledge):
    effects = (effect("Get a refund"), effect("Pay", change=(0.1, -0.2, 0.4)))
    rows = [row for row in rows_of(draw_effects(EN, effects, zone=ZONE)) if row]
    assert {(row["title"], row["sure"]) for row in rows} == {("Get a refund", True), ("Pay", False)}
    knowledge.desk.figures["trends"] = replace(FIGURES["trends"], effects=(*effects, effect("New", change=None)))
    said = words(open_page("trends"))
    for told in ("+40 points (+10 to +60)", "20% → 60%", "70% → 71%", "11 Nov 2026", "New"):
        assert told in said


def test_a_short_period_is_shown_with_the_weeks_before_it_and_none_from_before_the_base_began(knowledge):
    empty = replace(FIGURES["trends"].weeks[0], searches=0, requests=0, gaps_opened=0, gaps_closed=0)
    knowledge.desk.figures["trends"] = Trends((empty, *FIGURES["trends"].weeks[1:]), (), ())
    page = open_page("trends", days="7")
    [asked] = [selection for name, selection in knowledge.desk.asked if name == "trends"]
    assert str(asked.period.first) == "2026-09-07" and len(asked.period.weeks()) == 12
    assert "7 Sep – 13 Sep" not in words(page) and "14 Sep – 20 Sep" in words(page)


@pytest.mark.parametrize(("locale", "said"), [("en-US", "Nothing happened in what is selected"), ("zh-CN", "还没有可以按周统计的内容")])
def test_an_empty_base_gets_a_sentence_instead_of_empty_pictures(knowledge, locale, said):
    knowledge.desk = LeadFigures(dict(EMPTY))
    page = open_page("trends", locale=locale)
    assert said in words(page) and not page.get("vega_lite_chart") and not page.get("download_button")


def test_a_trend_without_figures_says_so_instead_of_drawing_nothing(knowledge):
    knowledge.desk.figures["trends"] = Trends(tuple(replace(week, days_to_close=None) for week in FIGURES["trends"].weeks), (), ())
    page = open_page("trends")
    assert len(page.get("vega_lite_chart")) == 5
    for said in ("Nothing to show in these weeks.", "The standing test has not run", "No publication with a proof"):
        assert said in words(page)


def test_figures_are_said_as_people_say_them():
    assert [say_seconds(EN, seconds) for seconds in (None, 0, 59.4, 90, 3599, 5400, 200_000)] == ["–", "0 s", "59 s", "1.5 min", "1 h", "1.5 h", "2.3 d"]
    assert say_change(EN, (-0.002, -0.1, 0.09)) == "0 points (−10 to +9)" and say_change(EN, None) == "–"
    assert [say_sure_share(EN, Share(part, whole)) for part, whole in ((0, 0), (3, 7), (30, 100))] == ["–", "3 of 7", "30% (22–40%)"]


# The report


def test_the_report_says_what_counts_and_offers_to_print_and_to_keep_it(knowledge):
    page = open_page("report", **{"from": "2026-11-16", "to": "2026-11-22"})
    said = words(page)
    for part in (
        "Support report: Acme Help", "16 Nov 2026 to 22 Nov 2026", "made on 25 Nov 2026", "Nine targets: met 2, undecided 2, missed 2, too few cases 2, no figure 1.",
        "127 requests, 65% of them answered", "Gaps in the weeks from 16 Nov to 22 Nov: 2 opened, 1 closed, 0 reopened.", "Print or save as PDF",
    ):  # fmt: skip
        assert part in said
    assert "answered well" not in said and "All is well" not in said
    assert [button.proto.label for button in page.get("download_button")] == ["Excel", "Markdown", "HTML"]


def test_the_words_of_customers_stay_words_in_the_report(knowledge):
    report = drawn(open_page("report"), '<article class="kb-report">')
    assert HOSTILE in report.text_content() and not report.xpath("//script | //a | //img")


def test_a_report_of_a_demonstration_says_so_first(knowledge):
    knowledge.is_demonstration = True
    report = drawn(open_page("report", locale="zh-CN"), '<article class="kb-report">')
    assert report[0].text_content() == Messages("zh")("demonstration")


def test_an_empty_base_has_a_report_that_says_so(knowledge):
    knowledge.desk = LeadFigures(dict(EMPTY))
    page = open_page("report")
    assert "Nobody searched or asked in what is selected" in words(page) and "<table" not in words(page)
