"""Amounts in Chinese and English text, in one unit of each kind: "two weeks", "14 days" and "十四天" are the same time.

Versions, dates, times of day, numbers of steps and bare numbers are no amounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_POWERS = {"十": 10, "百": 100, "千": 1000, "万": 10_000, "萬": 10_000}
_WORDS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
    )
} | {word: 10 * value for value, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)}

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_UNITS: tuple[tuple[str, str, float], ...] = (
    (r"(?:working|business)[ -]days?|个?工作日|個?工作日", "working day", 1),
    (r"seconds?|secs?|个?秒鐘?|秒钟?", "time", 1),
    (r"minutes?|mins?|分钟|分鐘", "time", _MINUTE),
    (r"hours?|hrs?|[个個]?小时|[个個]?小時", "time", _HOUR),
    (r"days?|天|日(?=之?[内內]|以[内內]|后|後)", "time", _DAY),
    (r"weeks?|[个個]?星期|周(?!年|边|围|期)|週", "time", 7 * _DAY),
    (r"months?|[个個]月", "month", 1),
    (r"years?|年", "month", 12),
    (r"%|percent|per cent", "percent", 1),
    (r"[Kk]i?B", "byte", 1024),
    (r"Mi?B|兆", "byte", 1024**2),
    (r"Gi?B", "byte", 1024**3),
    (r"Ti?B", "byte", 1024**4),
    (r"元|块钱?|RMB|CNY|yuan", "CNY", 1),
    (r"USD|dollars?|美元", "USD", 1),
    (r"EUR|euros?|欧元", "EUR", 1),
    (r"characters?|[个個]?字符|[个個]?字(?!段|母|节|典|体)", "character", 1),
)
_SIGNS = {"$": "USD", "€": "EUR", "¥": "CNY", "￥": "CNY"}
_ARABIC = r"\d{1,3}(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_CHINESE = r"[零〇一二两兩三四五六七八九十百千万萬]+"
_WORD = "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in sorted(_WORDS, key=len, reverse=True))
_NUMBER = rf"(?:{_ARABIC}|{_CHINESE}|\b(?:{_WORD})\b)"
_RANGE = r"(?:\s*(?:-|–|—|~|～|至|到|to|or|或)\s*)"
_UNIT = "|".join(f"(?P<u{number}>{pattern})" for number, (pattern, _, _) in enumerate(_UNITS))
_AMOUNT = re.compile(
    rf"(?<![A-Za-z0-9_.,:/#第-])(?:(?P<first>{_NUMBER}){_RANGE})?(?P<last>{_NUMBER})[\s-]*(?:{_UNIT}|(?P<plural>[a-z]{{3,}}s)|(?P<counted>[次个個条條篇张張人位家台份]))"
    r"(?![A-Za-z0-9])"
)
_HALF = re.compile(r"\bhalf an hour\b|半[个個]?(?:小时|小時)|\bhalf a day\b|半天", re.IGNORECASE)
_PERCENT = re.compile(rf"百分之({_CHINESE})")
_MONEY = re.compile(rf"([$€¥￥])\s?({_ARABIC})")
_OTHER = re.compile(
    r"\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{4}\s*年(?:\s*\d{1,2}\s*月)?(?:\s*\d{1,2}\s*[日号])?|\d{1,2}\s*月\s*\d{1,2}\s*[日号]?|\d{1,2}:\d{2}(?::\d{2})?"
    r"|\bv?\d+(?:\.\d+){2,}\S*|\bv\d+(?:\.\d+)*|\d+/\d+|第\s*[\d一二三四五六七八九十百]+",
    re.IGNORECASE,
)
_NO_NOUN = frozenset("this was has less does its yes plus versus times across unless always besides sometimes perhaps bits".split())


@dataclass(frozen=True)
class Quantity:
    """An amount as written from `start` to `end`: `values` (both ends of a range) in the unit named `unit`."""

    start: int
    end: int
    values: tuple[float, ...]
    unit: str


def find_quantities(text: str) -> list[Quantity]:
    """The amounts in the text, in order."""
    # Dates and versions keep their places, so that what is found can be shown as it was written.
    masked = _OTHER.sub(lambda match: "\x00" * len(match.group()), text)
    found = [
        Quantity(m.start(), m.end(), (0.5 * (_DAY if "天" in m.group() or "day" in m.group() else _HOUR),), "time")
        for m in _HALF.finditer(masked)
    ]
    found += [Quantity(m.start(), m.end(), (float(_read_chinese(m.group(1))),), "percent") for m in _PERCENT.finditer(masked)]
    found += [Quantity(m.start(), m.end(), (_read(m.group(2)),), _SIGNS[m.group(1)]) for m in _MONEY.finditer(masked)]
    found += _find_counted(masked)
    return sorted(found, key=lambda quantity: quantity.start)


def _find_counted(text: str) -> Iterator[Quantity]:
    for match in _AMOUNT.finditer(text):
        numbers = [match.group(name) for name in ("first", "last") if match.group(name)]
        values = [_read(number) for number in numbers]
        if counted := match.group("plural") or match.group("counted"):
            # "一个" and "one" are articles more often than amounts, and "Python 3.11 modules" counts none.
            if values[-1] > 1 and all(value.is_integer() for value in values) and counted not in _NO_NOUN:
                following = re.match(r"[\u4e00-\u9fff]{0,2}", text[match.end() :]).group() if match.group("counted") in ("个", "個") else ""
                yield Quantity(match.start(), match.end(), tuple(values), counted.removesuffix("s") + following)
            continue
        number = next(number for number in range(len(_UNITS)) if match.group(f"u{number}"))
        _, unit, size = _UNITS[number]
        yield Quantity(match.start(), match.end(), tuple(value * size for value in values), unit)


def _read(number: str) -> float:
    lowered = number.lower()
    if lowered in _WORDS:
        return float(_WORDS[lowered])
    if number[0].isdigit() and number.isascii():
        return float(number.replace(",", ""))
    return float(number.replace("，", "")) if number[0].isdigit() else float(_read_chinese(number))


def _read_chinese(number: str) -> int:
    """The value of a Chinese numeral: 三十 is 30, 一百二十 is 120, 二〇 is 20."""
    total = section = digit = 0
    for sign in number:
        if sign in _DIGITS:
            digit = digit * 10 + _DIGITS[sign] if not any(power in number for power in _POWERS) else _DIGITS[sign]
        elif _POWERS[sign] == 10_000:
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _POWERS[sign], 0
    return total + section + digit
