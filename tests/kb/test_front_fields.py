"""A field of the front matter is set as it is read, and every line that belongs to another field stays as its author wrote it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.front_fields import set_fields
from kb.frontmatter import FrontMatterFault, read_front_matter

BODY = "\nText with --- in it.\n\n---\n\nAnd a rule.\n"
TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=40)
LINES = st.text(st.sampled_from("ab1 .-:#'\"[]{},&*!|>%@`?~\\/\n\t好，。🎈"), max_size=30)
WORDS = [
    "no", "1.10", "null", "~", "2024-01-31", "0x80070005", "a: b", "# x", "- x", "'", '"', "好：的", "[x", "{x}", "*a", "&a", "!t", "%", "@x", "1e3",
    "=", "<<",
]  # fmt: skip
VALUE = st.one_of(TEXT, LINES, st.sampled_from(WORDS))

# Each is written in another of the ways that people write fields, and stands for itself: lines that belong to one field, or to none.
OTHERS = [
    "lang: en  # of this version\n",
    "product: 'kb'\n",
    'owner: "a\n  # no comment\n  b"\n',
    "unknown: {deep: [1, 2, {x: y}], z: null}\n",
    "steps:\n- one\n- two: 2\n  # inside\n  three: [3]\n\n",
    "note: |\n  first\n\n  # not a comment\n\n",
    "folded: >-\n   first\n   second\n",
    "plain: goes on\n  in a second line\n",
    "empty:\n",
    "'quoted key': 1\n",
    "visibility: internal\n",
    "# a remark\n",
    "\n",
    # By one space: by two it would be a line of a text block above it.
    " # an indented remark\n",
]
SUMMARIES = [
    "summary: old words  # why\n",
    "summary:\n",
    "summary: ~\n",
    "summary:    # none yet\n",
    "summary : 'old'\n",
    "summary: |\n  old\n  # words\n",
    "summary: >\n  old\n\n  words\n",
    'summary: "old\n  # words"\n',
    "summary: old\n  words\n",
    '"summary": old\n',
]
ALIASES = [
    "aliases: [one, two]  # why\n",
    "aliases:\n- one\n- two\n",
    "aliases:\n  # the first\n  - one  # why\n  - >\n    two\n",
    "aliases: one\n",
    "aliases:\n",
    "aliases: [\n  one,  # why\n  two ]\n",
]


def around(entry):
    """Front matter with `entry` somewhere among others: (what stands before it, the entry, what stands behind it)."""
    others = st.lists(st.sampled_from(OTHERS), unique=True, max_size=6)
    return st.tuples(others, st.sampled_from(entry), st.integers(0, 6)).map(
        lambda drawn: ("---\n" + "".join(drawn[0][: drawn[2]]), drawn[1], "".join(drawn[0][drawn[2] :]) + "---\n" + BODY)
    )


def one_line(text):
    return " ".join(text.split())


@given(around(SUMMARIES), VALUE)
def test_a_text_that_is_set_is_read_back_and_all_other_lines_stay(article, value):
    before, entry, after = article
    changed = set_fields(before + entry + after, {"summary": value})
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert read_front_matter(changed).fields.get("summary", "") == one_line(value)
    assert read_front_matter(changed).body == BODY


@given(around(ALIASES), st.lists(VALUE, max_size=4))
def test_a_list_that_is_set_is_read_back_and_all_other_lines_stay(article, value):
    before, entry, after = article
    changed = set_fields(before + entry + after, {"aliases": value})
    assert changed.startswith(before)
    assert changed.endswith(after)
    assert read_front_matter(changed).fields.get("aliases", ()) == tuple(dict.fromkeys(one_line(text) for text in value if text.strip()))


@given(around(SUMMARIES + ALIASES), st.dictionaries(st.sampled_from(["title", "summary", "owner", "tags", "source"]), VALUE))
def test_the_fields_that_are_not_set_say_what_they_said(article, changes):
    text = "".join(article)
    changed = set_fields(text, changes)
    old, new = read_front_matter(text), read_front_matter(changed)
    for name in {**old.fields, **old.extra, **new.fields, **new.extra}.keys() - changes.keys():
        assert {**new.fields, **new.extra}[name] == {**old.fields, **old.extra}[name]
    assert new.body == old.body


@given(around(SUMMARIES + ALIASES), VALUE, st.lists(VALUE, max_size=3))
def test_setting_the_same_twice_changes_nothing_the_second_time(article, text, texts):
    changes = {"summary": text, "aliases": texts, "review_by": date(2027, 1, 31)}
    once = set_fields("".join(article), changes)
    assert set_fields(once, changes) == once


@given(VALUE)
def test_a_field_that_kb_does_not_know_stays_text_too(value):
    changed = set_fields("---\nsource: 1\n---\n", {"source": value})
    assert read_front_matter(changed).extra.get("source", "") == one_line(value)


@given(around(SUMMARIES + ALIASES))
def test_a_field_that_is_removed_leaves_all_other_lines(article):
    before, entry, after = article
    assert set_fields(before + entry + after, {"summary": None, "aliases": []}) == before + after


@pytest.mark.parametrize(
    ("value", "line"), [("no", "title: 'no'"), ("1.10", "title: '1.10'"), ("a: b", "title: 'a: b'"), ("怎么退款？", "title: 怎么退款？")]
)
def test_a_value_is_quoted_only_where_it_has_to_be(value, line):
    assert set_fields("---\ntitle: x\n---\n", {"title": value}) == f"---\n{line}\n---\n"


def test_a_comment_behind_a_value_and_the_comments_between_list_entries_stay():
    text = "---\nstatus: draft  # until legal agrees\naliases:\n  # typo\n  - refnud\n  # spoken\n  - money back\n---\n"
    changed = set_fields(text, {"status": "review", "aliases": ["refnud", "money back", "pay me back"]})
    assert changed == (
        "---\nstatus: review  # until legal agrees\naliases:\n  # typo\n  - refnud\n  # spoken\n  - money back\n  - pay me back\n---\n"
    )


def test_a_list_entry_takes_its_comment_along_when_it_moves_or_goes():
    text = "---\naliases:\n- one\n# of two\n- two\n- three\n---\n"
    assert set_fields(text, {"aliases": ["three", "two"]}) == "---\naliases:\n- three\n# of two\n- two\n---\n"
    assert set_fields(text, {"aliases": ["one", "three"]}) == "---\naliases:\n- one\n- three\n---\n"


def test_new_fields_come_last_in_the_form_of_the_house():
    changed = set_fields(
        "---\ntitle: x\n---\n\ny\n", {"review_by": date(2027, 1, 31), "tags": ["a", "b"], "aliases": ["c d"], "owner": "Li"}
    )
    assert changed == "---\ntitle: x\nreview_by: 2027-01-31\ntags: [a, b]\naliases:\n  - c d\nowner: Li\n---\n\ny\n"


def test_front_matter_is_added_where_there_is_none():
    assert set_fields("# Heading\n", {"status": "draft"}) == "---\nstatus: draft\n---\n\n# Heading\n"
    assert set_fields("# Heading\n", {"status": None}) == "# Heading\n"


def test_a_byte_order_mark_an_indent_and_dots_at_the_end_stay():
    assert set_fields("\ufeff---\n  title: x\n...\ny", {"owner": "Li"}) == "\ufeff---\n  title: x\n  owner: Li\n...\ny"


def test_of_a_field_written_twice_the_one_that_counts_is_set_and_both_are_removed():
    text = "---\ntitle: a\nlang: en\ntitle: b\n---\n"
    assert set_fields(text, {"title": "c"}) == "---\ntitle: a\nlang: en\ntitle: c\n---\n"
    assert set_fields(text, {"title": ""}) == "---\nlang: en\n---\n"


def test_a_field_with_a_fault_can_be_mended():
    changed = set_fields("---\nreview_by: next week\n---\n", {"review_by": date(2027, 1, 31)})
    assert read_front_matter(changed).fields == {"review_by": date(2027, 1, 31)}


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("---\ntitle: a: b\n---\n", "not valid YAML"),
        ("---\ntitle: x\n", "not closed"),
        ("---\n- a\n---\n", "not a list of fields"),
        ("---\n{title: x}\n---\n", "one `name: value` per line"),
        ("---\na: &x 1\nb: *x\n---\n", "alias"),
    ],
)
def test_front_matter_that_cannot_be_changed_line_by_line_is_refused_with_the_remedy(text, fact):
    with pytest.raises(FrontMatterFault, match=fact):
        set_fields(text, {"owner": "Li"})
