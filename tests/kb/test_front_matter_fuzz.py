"""Whatever stands at the head of a file, it is read or refused with a line, and a field that is set in it is read back."""

from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb.articles import Article, parse_article
from kb.errors import ArticleError
from kb.front_fields import set_fields
from kb.frontmatter import FrontMatterFault, read_front_matter

QUICK = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))

NAMES = st.sampled_from(
    "title lang summary description tags product visibility status owner review_by updated aliases translation_of redirect_from groups x 1 null ? ~ <<".split()
)
SCALARS = st.sampled_from(
    [
        "", "x", "~", "no", "1.10", "0x1F", "1e999", ".nan", "2026-13-45", "2026-02-30", "2026-11-22", "9999999-01-01", "zh", "draft", "public", "'", '"', "''", '"\\x00"',
        '"\\ud800"', '"\\U0010ffff"', "|", ">", "|+9", ">-\n", "[", "]", "[a, b]", "[[a], {b: c}]", "{", "}", "{a: 1}", "{? a}", "[a: b]", "*a", "&a x", "&a [*a]", "!!int x",
        "!!binary x", "!!set {a}", "!!omap [a: 1]", "!!timestamp x", "!!python/object/apply:os.system [id]", "!!python/name:os.system", "!x y", "%YAML 9.9", "@x", "`x`", "# x",
        "a: b", "- x", "? x", "\t", "\u2028", "\x85", "\ufeff", "\x07", "\x1b[31m", "\ud800", "退款", "👩‍👩‍👧", "\u202ex", "a" * 500, "[" * 300, "{a: " * 300, "- " * 300,
        ("1" * 5000), "0b1" + "0" * 5000, "1:59:59", "=", "<<", "yes # no", "'it''s'",
    ]
)  # fmt: skip
LINE = st.one_of(
    st.builds("{}: {}".format, NAMES, SCALARS), st.builds("{}:{}".format, NAMES, SCALARS), st.builds("  - {}".format, SCALARS), st.builds("- {}".format, SCALARS),
    st.builds("{}:\n  {}: {}".format, NAMES, NAMES, SCALARS), st.builds('"{}": {}'.format, NAMES, SCALARS), SCALARS, st.text(max_size=12), st.just("..."), st.just("--- x"),
)  # fmt: skip
HEAD = st.lists(LINE, max_size=6).map("\n".join)
FILE = st.builds("{}{}{}\n{}{}".format, st.sampled_from(["", "\ufeff", "\n"]), st.just("---\n"), HEAD, st.sampled_from(["---\n", "...\n", "--- \n", ""]), st.sampled_from(["", "# Title\n\nWords.\n", "---\n"]))
VALUES = st.one_of(st.text(st.characters(exclude_categories=("Cs",)), max_size=20), st.just(None), st.dates(), st.lists(st.sampled_from(["a", "b: c", "- d", "退款", "#"]), max_size=3))


@QUICK
@given(FILE)
def test_any_front_matter_is_an_article_or_a_fault_that_names_a_line_of_the_file(text):
    try:
        article = parse_article(text, id="en/a")
    except ArticleError as fault:
        assert fault.path == "en/a.md"
        assert fault.line is None or 1 <= fault.line <= text.count("\n") + 1
        assert fault.line is not None, fault.fact
        assert fault.fact
    else:
        assert isinstance(article, Article)
        assert article.title and article.lang
        assert all(isinstance(value, date | None) for value in (article.review_by, article.updated))


@QUICK
@given(FILE, st.sampled_from(["summary", "owner", "updated", "aliases", "tags"]), VALUES)
def test_a_field_that_is_set_in_any_front_matter_is_read_back_or_refused(text, name, value):
    try:
        before = read_front_matter(text.removeprefix("\ufeff"))
        changed = set_fields(text, {name: value})
    except FrontMatterFault:
        return
    assert set_fields(changed, {name: value}) == changed
    try:
        after = read_front_matter(changed.removeprefix("\ufeff"))
    except FrontMatterFault as fault:
        # A date in the place of words, or words in the place of a date, is the caller's.
        assert name in fault.fact
        return
    assert {**after.fields, **after.extra}.keys() - {name} == {**before.fields, **before.extra}.keys() - {name}
    assert all(after.fields[other] == told for other, told in before.fields.items() if other != name)
    assert bool(after.fields.get(name)) == bool(" ".join(value.split()) if isinstance(value, str) else value)
