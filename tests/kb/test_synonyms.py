"""The synonyms file is kept by hand: what can be used is used, what cannot is named by line, and a group is added without touching the rest."""

import os
import threading

import pytest

from kb.synonyms import Synonyms
from kb.synonyms_file import MAX_GROUPS, SYNONYMS_FILE, SynonymsError, add_group, read_synonyms
from kb.text import find_words

GROUP = ("SMS", "text message", "短信")


def write(folder, text):
    (folder / SYNONYMS_FILE).write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_synonyms(folder)


def alike(text, *groups):
    """Word of the text -> the phrases that mean the same, as terms."""
    words = find_words(text)
    found = Synonyms(groups).alike(words)
    return {text[word.start : word.end]: {" ".join(phrase) for phrase in phrases} for word, phrases in zip(words, found, strict=True) if phrases}


# Which phrases stand for the words of a query


def test_a_word_of_a_group_means_the_same_as_its_other_phrases():
    assert alike("no SMS came", GROUP) == {"SMS": {"text messag", "短信"}}
    assert alike("收不到短信驗證碼", GROUP) == {"短信": {"sms", "text messag"}}


def test_a_phrase_is_met_whole_in_any_case_and_ending():
    assert alike("Text Messages are late", GROUP) == {"Text": {"sms", "短信"}, "Messages": {"sms", "短信"}}
    assert alike("the text of a long message", GROUP) == {}


def test_the_longest_phrase_wins_over_those_inside_it():
    assert alike("text message", GROUP, ("text", "文本")) == {"text": {"sms", "短信"}, "message": {"sms", "短信"}}


def test_a_phrase_of_two_groups_means_the_same_as_both_and_they_do_not_mean_the_same_as_each_other():
    groups = (("bill", "invoice"), ("bill", "draft law"))
    assert alike("bill", *groups) == {"bill": {"invoic", "draft law"}}
    assert alike("invoice", *groups) == {"invoice": {"bill"}}


def test_a_part_of_an_identifier_is_no_word_of_a_group():
    assert alike("ERR_SMS_LIMIT", GROUP) == {}


def test_chinese_phrases_are_met_inside_longer_words():
    assert set(alike("我的两步验证码不对", ("两步验证", "2FA"))) == {"两步", "验证"}


# Reading the file


def test_without_a_file_there_are_none_and_nothing_is_wrong(tmp_path):
    assert read_synonyms(tmp_path) == type(read_synonyms(tmp_path))(Synonyms())


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n# nothing\n"])
def test_a_file_without_groups_says_that_there_are_none(tmp_path, text):
    assert (write(tmp_path, text).synonyms, write(tmp_path, text).problems) == (Synonyms(), ())


def test_groups_are_read_as_written_in_either_form_of_yaml(tmp_path):
    text = "# what customers call it\n- [SMS, text message, 短信]  # since 2024\n\n- - two-step verification\n  # the button says\n  - 2FA\n- [1.10, 'no']\n"
    read = write(tmp_path, text.replace("'no'", "nein"))
    assert read.synonyms.groups == (GROUP, ("two-step verification", "2FA"), ("1.10", "nein"))
    assert read.problems == ()


def test_chinese_commas_part_phrases_unless_they_are_quoted(tmp_path):
    assert write(tmp_path, "- [短信，简讯、SMS]\n- 快递，包裹\n- ['是，的话', 没错]\n").synonyms.groups == (("短信", "简讯", "SMS"), ("快递", "包裹"), ("是，的话", "没错"))


@pytest.mark.parametrize(
    ("entry", "line", "fact"),
    [
        ("- [SMS, text message", 3, "close its bracket"),
        ("- [only]", 3, "only one phrase: 'only'"),
        ("- [refund, refunds]", 3, "one to the search: 'refund', 'refunds'"),
        ("- [SMS, the of]", 3, "without a word to search by: 'the of'"),
        ("- {SMS: text message}", 3, "no list of phrases"),
        ("- [SMS, [text, message]]", 3, "a phrase that is no text"),
        ("- [*loop, SMS]", 3, "alias"),
        ("- - SMS\n  - &a [x]", 4, "a phrase that is no text"),
        ("-", 3, "no phrase"),
        ("- [SMS, " + "x" * 81 + "]", 3, "81 characters (at most 80)"),
        ("- [" + ", ".join(f"word{number}" for number in range(21)) + "]", 3, "21 phrases (at most 20)"),
        ("- [SMS, tele\x07gram]", 3, "U+0007"),
        ("- " + "[" * 3000, 3, "nested too deeply"),
    ],
)
def test_a_broken_group_is_named_by_its_line_and_stops_no_other(tmp_path, entry, line, fact):
    read = write(tmp_path, f"# kept by hand\n- [parcel, shipment]\n{entry}\n- [coupon, voucher]\n")
    assert read.synonyms.groups == (("parcel", "shipment"), ("coupon", "voucher"))
    (problem,) = read.problems
    assert (problem.path, problem.line) == (SYNONYMS_FILE, line)
    assert fact in problem.fact


def test_a_list_under_a_name_is_read_and_the_name_is_reported(tmp_path):
    read = write(tmp_path, "synonyms:\n  - [coupon, voucher]\n  - [parcel, shipment]\n")
    assert read.synonyms.groups == (("coupon", "voucher"), ("parcel", "shipment"))
    assert [problem.line for problem in read.problems] == [1]


def test_more_groups_than_can_be_used_are_cut_off_where_the_problem_says(tmp_path):
    read = write(tmp_path, "".join(f"- [one{number}, two{number}]\n" for number in range(MAX_GROUPS + 5)))
    assert len(read.synonyms.groups) == MAX_GROUPS
    assert [problem.line for problem in read.problems] == [MAX_GROUPS + 1]


@pytest.mark.parametrize(("content", "fact"), [(b"- [SMS, \xff]\n", "not UTF-8"), (b"- [a\0, b]\n", "NUL"), (b"#" * 300_000, "larger than 256 kB")])
def test_a_file_that_cannot_be_read_says_nothing_and_why(tmp_path, content, fact):
    read = write(tmp_path, content)
    assert read.synonyms is None
    assert fact in read.problems[0].fact


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "secret.yaml").write_text("- [SMS, text message]\n")
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / SYNONYMS_FILE).symlink_to("../secret.yaml")
    assert read_synonyms(articles).synonyms is None
    with pytest.raises(SynonymsError, match="leads out of the articles folder"):
        add_group(articles, ["coupon", "voucher"])


def test_a_pipe_in_its_place_holds_nobody(tmp_path):
    os.mkfifo(tmp_path / SYNONYMS_FILE)
    assert "not a regular file" in read_synonyms(tmp_path).problems[0].fact


# Adding a group


def test_a_group_is_added_and_every_other_byte_stays(tmp_path):
    before = "\ufeff# von Hand\r\n- [SMS,   'text message']   # bleibt\r\n- [broken\r\n".encode()
    write(tmp_path, before)
    add_group(tmp_path, ["coupon", "优惠券"])
    assert (tmp_path / SYNONYMS_FILE).read_bytes() == before + "- [coupon, 优惠券]\r\n".encode()
    assert read_synonyms(tmp_path).synonyms.groups == (("SMS", "text message"), ("coupon", "优惠券"))


def test_the_first_group_makes_the_file_with_a_line_that_explains_it(tmp_path):
    add_group(tmp_path, ["SMS", "短信"])
    lines = (tmp_path / SYNONYMS_FILE).read_text("utf-8").splitlines()
    assert lines[-1] == "- [SMS, 短信]"
    assert all(line.startswith("# ") for line in lines[:-1]) and len(lines) == 3


def test_an_entry_goes_below_a_last_line_that_has_no_end_and_keeps_the_indent_of_the_others(tmp_path):
    write(tmp_path, "synonyms:\n  - [SMS, 短信]")
    add_group(tmp_path, ["coupon", "voucher"])
    assert (tmp_path / SYNONYMS_FILE).read_text("utf-8") == "synonyms:\n  - [SMS, 短信]\n  - [coupon, voucher]\n"


def test_phrases_that_yaml_would_read_otherwise_come_back_as_they_are(tmp_path):
    phrases = ("C#: error", "[id]", "null", "yes, sir", "- x", "“引号”")
    add_group(tmp_path, phrases)
    assert read_synonyms(tmp_path).synonyms.groups == (phrases,)


def test_a_group_that_is_there_is_not_added_twice(tmp_path):
    write(tmp_path, "- [SMS, text message, 短信]\n")
    add_group(tmp_path, ["短信", "sms"])
    assert (tmp_path / SYNONYMS_FILE).read_text("utf-8") == "- [SMS, text message, 短信]\n"


@pytest.mark.parametrize("phrases", [["SMS"], [], ["refund", "Refunds"], ["the", "SMS"], ["x" * 81, "SMS"]])
def test_what_is_no_group_is_refused_and_nothing_is_written(tmp_path, phrases):
    with pytest.raises(SynonymsError, match=SYNONYMS_FILE):
        add_group(tmp_path, phrases)
    assert not (tmp_path / SYNONYMS_FILE).exists()


def test_two_who_add_at_once_both_succeed(tmp_path):
    writers = [threading.Thread(target=add_group, args=(tmp_path, [f"one{number}", f"two{number}"])) for number in range(8)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert sorted(read_synonyms(tmp_path).synonyms.groups) == [(f"one{number}", f"two{number}") for number in range(8)]
