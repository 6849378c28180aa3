"""The command's edge: help is quick, wrong usage is 2, a fault is one line and 1, a broken query is named."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.batch import BrokenLine, read_query
from portal.terminal import make_harmless, wrap_text

ROOT = Path(__file__).parents[2]


def kb(*arguments, **environment):
    """Run the real command in a process of its own, without any KB_ setting of this machine."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("KB_")}
    return subprocess.run(
        [sys.executable, "-m", "portal.command", *arguments],
        cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("part", ["index", "search", "show", "doctor", "serve"])
def test_every_part_explains_itself(part):
    told = kb(part, "--help")
    assert told.returncode == 0
    assert "--articles" in told.stdout and "--data" in told.stdout
    assert part in kb("--help").stdout


def test_help_answers_before_anyone_wonders():
    started = time.perf_counter()
    kb("--help")
    assert time.perf_counter() - started < 1.0
    loaded = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "portal.command", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60
    ).stderr
    assert not {"torch", "streamlit", "faiss", "numpy", "rich"} & {line.rsplit("|", 1)[-1].strip() for line in loaded.splitlines()}


@pytest.mark.parametrize(
    "arguments",
    [
        ("search",),
        ("search", "text", "--batch", "queries.jsonl"),
        ("search", "text", "--lang", "fr"),
        ("search", "text", "--as", "admin"),
        ("search", "text", "--limit", "0"),
        ("search", "--batch", "no-such-file.jsonl"),
        ("show",),
        ("index", "--quick"),
        ("reindex",),
        ("serve", "--port", "many"),
    ],
)
def test_wrong_usage_exits_2_and_says_how(arguments):
    told = kb(*arguments)
    assert told.returncode == 2
    assert told.stdout == ""
    assert "Error: " in told.stderr and "Traceback" not in told.stderr


def test_a_setting_that_cannot_be_used_is_one_line_and_exits_1():
    told = kb("search", "refund", KB_PORT="many")
    assert told.returncode == 1
    assert told.stderr == "kb: KB_PORT is not a whole number: 'many'\n"


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not an object"),
        (b'{"text": "x"}', "no id"),
        (b'{"id": true, "text": "x"}', "no id"),
        (b'{"id": 1}', "no text"),
        (b'{"id": 1, "text": 7}', "no text"),
        (b'{"id": 1, "text": "\xff"}', "not UTF-8 at byte 19"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_a_broken_query_says_what_is_wanted(line, fault):
    with pytest.raises(BrokenLine, match=fault):
        read_query(line)


def test_a_query_keeps_its_id_as_it_is():
    assert read_query('{"id": 7, "text": "退款", "lang": "zh"}'.encode()) == {"id": 7, "text": "退款", "lang": "zh"}
    assert read_query(b'\xef\xbb\xbf{"id": "q", "text": "refund"}') == {"id": "q", "text": "refund", "lang": None}
    assert read_query(json.dumps({"id": "q", "text": "x\ud800"}).encode()) == {"id": "q", "text": "x?", "lang": None}


def test_an_article_cannot_steer_the_terminal():
    assert make_harmless("a\x1b[31mred\x07\u202eb\nnext") == "a[31mredb\nnext"


def test_text_is_wrapped_at_words_and_between_chinese_signs():
    assert wrap_text("one two three", width=8) == ["one two", "three"]
    assert wrap_text("确认收到，三十分钟内有人答复。", width=8) == ["确认收", "到，三十", "分钟内有", "人答复。"]
    assert wrap_text("在 15 分钟内 answer", width=12) == ["在 15 分钟内", "answer"]
    assert wrap_text("https://example.com/very/long", width=8) == ["https://example.com/very/long"]
    assert wrap_text("  ", width=8) == []
