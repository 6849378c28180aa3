"""Words of a text: what the index, the query and the highlighting agree on."""

import pytest

from kb.text import find_matches, find_terms, find_words, segment


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("0x80070005", {"0x80070005"}),
        ("ERR_SSL_PROTOCOL_ERROR", {"err_ssl_protocol_error", "ssl", "protocol"}),
        ("v2.4.5", {"v2.4.5", "2.4.5", "2.4"}),
        ("B100Z957", {"b100z957", "957"}),
        ("app/etc/env.php", {"app/etc/env.php", "env", "php"}),
        ("ProductRepository", {"productrepository", "product"}),
        ("C++", {"c++"}),
    ],
)
def test_an_identifier_is_found_whole_and_by_part(text, terms):
    assert terms <= set(find_terms(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("錯誤代碼", "错误代码"),
        ("軟體更新", "软件更新"),
        ("ＫＢ＿ＰＯＲＴ", "kb_port"),
        ("Refunds", "refund"),
        ("café", "cafe"),
        ("退\u200b款", "退款"),
    ],
)
def test_two_spellings_of_one_word_share_their_terms(one, other):
    assert find_terms(one) == find_terms(other) != []


def test_stop_words_of_both_languages_are_not_terms():
    assert find_terms("how do I the 怎么 的") == []


def test_a_chinese_compound_is_found_by_the_words_in_it():
    assert {"防火墙", "防火"} <= set(find_terms("防火墙"))


def test_places_refer_to_the_text_as_typed():
    text = "請重設ﬁle v2.4"
    assert [text[word.start : word.end] for word in find_words(text)][-2:] == ["ﬁle", "v2.4"]


def test_matches_are_places_of_the_given_terms_joined_when_they_touch():
    text = "重置密码, passwords and PASSWORD"
    assert [text[a:b] for a, b in find_matches(text, frozenset({"重置", "密码", "password"}))] == ["重置密码", "passwords", "PASSWORD"]


def test_segmented_text_holds_letters_digits_and_spaces_only_for_sqlite():
    assert all(c.isalnum() or c == " " or 0xE000 <= ord(c) <= 0xF8FF for c in segment("ERR_SSL v2.4.5 a/b 'x' 退款"))
