"""The same amount is the same, in whatever unit, numeral and language; what is no amount is none."""

import pytest

from kb.quantities import find_quantities

DAY = 86_400


def amounts(text: str) -> list[tuple[tuple[float, ...], str]]:
    return [(quantity.values, quantity.unit) for quantity in find_quantities(text)]


@pytest.mark.parametrize(
    "text", ["within 14 days", "within fourteen days", "in 2 weeks", "两周内", "十四天之内", "14 天", "最长十四天", "14日内"]
)
def test_two_weeks_are_two_weeks_however_they_are_written(text):
    assert amounts(text) == [((14.0 * DAY,), "time")]


@pytest.mark.parametrize(
    ("text", "values", "unit"),
    [
        ("24 hours", (DAY,), "time"),
        ("最近两小时", (7200,), "time"),
        ("半小时", (1800,), "time"),
        ("half an hour", (1800,), "time"),
        ("三个工作日", (3,), "working day"),
        ("5–10 business days", (5, 10), "working day"),
        ("一年", (12,), "month"),
        ("六个月", (6,), "month"),
        ("百分之三十", (30,), "percent"),
        ("30%", (30,), "percent"),
        ("1.5 GB", (1.5 * 1024**3,), "byte"),
        ("1,000 characters", (1000,), "character"),
        ("五百个字", (500,), "character"),
        ("$20.50", (20.5,), "USD"),
        ("一百二十元", (120,), "CNY"),
        ("一万二千元", (12_000,), "CNY"),
        ("3 attempts", (3,), "attempt"),
        ("最多 5 次", (5,), "次"),
        ("3 个文件", (3,), "个文件"),
    ],
)
def test_an_amount_is_read_in_one_unit_of_its_kind(text, values, unit):
    assert amounts(text) == [(tuple(map(float, values)), unit)]


@pytest.mark.parametrize(
    "text",
    [
        "version 2.4.6 and v3",
        "on 2026-05-31 at 10:30",
        "2026年5月31日",
        "第 3 步，第三天",
        "Error 403 Forbidden on port 8501",
        "one of these, 一个例子",
        "Python 3.11 modules",
        "24/7",
    ],
)
def test_versions_dates_steps_codes_and_articles_are_no_amounts(text):
    assert amounts(text) == []


def test_an_amount_keeps_its_place_in_the_text():
    text = "到账需要三十天，请耐心等待"
    (quantity,) = find_quantities(text)
    assert text[quantity.start : quantity.end] == "三十天"
