"""Which tiles the coverage map has, what stands in them, and which colour they get."""

import pytest

from feedback.costs import Cost
from feedback.coverage import Coverage, TopicFigures
from feedback.intervals import Share
from feedback.topics import Topic
from portal.coverage_map import NEUTRAL, SMALLEST, STEPS, colours_of, draw_map
from portal.messages import Messages
from portal.tile_labels import measure, wrap
from portal.topic_rows import COLUMNS, describe_topic, order_topics, total_cost

EN, ZH = Messages("en"), Messages("zh")
NO_VOTES = Share(0, 0)


def topic(key, requests, answered, *, category="money", en="", zh="", asked=0, helpful=NO_VOTES, waiting=()):
    kind = Topic(key, (key,), (key[2:],) if key.startswith("a:") else (), tuple(waiting), tuple(waiting))
    cost = Cost(10.0 * (requests - answered), 5.0, 20.0, 1.0, 0.3)
    return TopicFigures(kind, {"en": en, "zh": zh}, category, requests, answered, 0, 0, 0, 0, asked, helpful, cost)


def draw(*topics, t=EN, unplaced=0, width=1000, height=500):
    return draw_map(
        Coverage(topics, unplaced, 0), t, width=width, height=height, titles={"money": "Money"}, link=lambda one: f"/topic?key={one.key}", rest="#kb-topics"
    )


def luminance(colour):
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_a_topic_is_a_tile_with_its_name_its_figures_and_the_way_to_its_page():
    [tile] = draw(topic("a:pay", 40, 30, en="pay by card", zh="怎么付款")).tiles
    assert (tile.lines, tile.figures, tile.href) == ("pay by card", "75% · 40", "/topic?key=a:pay")
    assert (tile.requests, tile.answered, tile.interval, tile.cost) == ("40", "75%", "60–86%", "100 (5–20)")
    [tile] = draw(topic("a:pay", 40, 30, en="pay by card", zh="怎么付款"), t=ZH).tiles
    assert tile.lines == "怎么付款"


def test_few_requests_are_shown_as_a_count_and_nothing_missing_costs_nothing():
    [tile] = draw(topic("a:pay", 4, 4, en="pay")).tiles
    assert (tile.figures, tile.answered, tile.cost) == ("4/4", "4 of 4", "")


def test_categories_stand_by_demand_and_what_no_article_answers_and_what_has_no_topic_are_named():
    drawn = draw(topic("a:pay", 5, 5, en="pay"), topic("g:1", 20, 0, category="", en="hovercraft"), unplaced=3)
    assert [name for _, name in drawn.heads] == ["No article yet", "Money", "No topic yet"]
    last = drawn.tiles[-1]
    assert ((last.fill, last.ink), last.href) == (NEUTRAL, "")


def test_topics_too_small_for_a_finger_share_one_tile_that_leads_to_the_table():
    small = [topic(f"a:{number}", 1, number % 2, en=f"small {number}") for number in range(10)]
    drawn = draw(topic("a:pay", 990, 900, en="pay"), *small)
    assert [(tile.name, tile.href) for tile in drawn.tiles] == [("pay", "/topic?key=a:pay"), ("10 more topics", "#kb-topics")]
    assert drawn.tiles[1].answered == "5 of 10"
    assert all(tile.box.area >= SMALLEST for tile in drawn.tiles)


def test_one_small_topic_keeps_its_own_tile():
    drawn = draw(topic("a:pay", 999, 900, en="pay"), topic("a:print", 1, 1, en="print"))
    assert [tile.name for tile in drawn.tiles] == ["pay", "print"]


def test_a_topic_that_nobody_asked_for_has_no_tile():
    assert [tile.name for tile in draw(topic("a:pay", 4, 4, en="pay"), topic("a:print", 0, 0, en="print")).tiles] == ["pay"]


def test_colours_go_from_unanswered_to_answered_and_words_on_them_can_be_read():
    fills = [colours_of(Share(part, 10))[0] for part in (0, 3, 5, 7, 10)]
    assert fills == [fill for _, fill, _ in STEPS]
    assert all(contrast(fill, ink) >= 4.5 for fill, ink in (*(step[1:] for step in STEPS), NEUTRAL))


@pytest.mark.parametrize(
    ("text", "width", "lines", "shown"),
    [
        ("pay by card", 200, 2, ["pay by card"]),
        ("pay by card or by invoice", 90, 2, ["pay by card", "or by invoice"]),
        ("pay by card or by invoice or cash", 90, 2, ["pay by card", "or by invoic…"]),
        ("怎么用银行卡付款？", 70, 3, ["怎么用银行", "卡付款？"]),
        ("怎么用银行卡付款？", 70, 1, ["怎么用银…"]),
        ("unbelievable", 60, 3, ["unbelie…"]),
        ("pay", 20, 3, []),
        ("pay", 200, 0, []),
        ("  ", 200, 2, []),
    ],
)
def test_a_label_is_broken_between_words_and_cut_where_the_tile_ends(text, width, lines, shown):
    found = wrap(text, width=width, lines=lines)
    assert found == shown
    assert all(measure(line) <= width for line in found)


def test_the_table_can_stand_in_the_order_of_each_figure():
    topics = [
        topic("a:pay", 40, 30, helpful=Share(30, 40)), topic("a:print", 30, 27, asked=5, helpful=Share(1, 3)),
        topic("g:1", 12, 0, category="", waiting=(1,)), topic("a:scan", 25, 25),
    ]  # fmt: skip

    def order(name):
        return [one.key for one in order_topics(topics, name)]

    assert order("requests") == ["a:pay", "a:print", "a:scan", "g:1"]
    # Those of few requests come last: their share says little.
    assert order("share") == ["a:pay", "a:print", "a:scan", "g:1"]
    assert order("helpful")[:2] == ["a:pay", "a:print"]
    assert order("contacts")[0] == "a:print"
    assert order("cost") == ["g:1", "a:pay", "a:print", "a:scan"]
    assert order("waiting")[0] == "g:1"


def test_only_what_was_not_answered_costs_something():
    assert total_cost([topic("a:pay", 40, 30), topic("a:scan", 25, 25)]) == 100.0


def test_a_row_of_the_files_has_every_column_and_no_figure_where_none_was_counted():
    row = describe_topic(topic("a:pay", 40, 30, en="pay by card", asked=2))
    assert tuple(row) == COLUMNS
    assert (row["answered_share"], row["answered_low"], row["helpful_share"], row["cost_per_week"]) == (0.75, 0.5981, "", 100.0)
    assert describe_topic(topic("a:scan", 25, 25))["cost_per_week"] == 0.0
