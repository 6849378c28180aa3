"""Rules that need only files: each finding names file and line, says what is wrong and what to do, and nothing sound is found fault with."""

from datetime import date
from pathlib import Path

import pytest

from kb.articles import load_articles
from kb.errors import SettingsError
from kb.lint_findings import Finding
from kb.lint_source import find_line, read_source
from kb.lint_words import WORDS
from kb.linting import FILE_RULES, lint_files, lint_text

TODAY = date(2026, 11, 26)
HELP_CENTRE = Path(__file__).parents[2] / "articles"
SOUND = "---\ntitle: Refunds\nsummary: How long a refund takes.\n---\n\nFive working days.\n\n## Ask for one\n\nPress **Refund**.\n"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "articles"


@pytest.fixture
def write(folder):
    """Writes articles: `write({"en/refunds.md": "…"})`."""

    def write(articles: dict[str, str]) -> None:
        for name, text in articles.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")

    return write


def article(body: str, **fields: str) -> str:
    """An article with a title and a summary on lines 2 and 3, the given fields below, and then the body."""
    given = {"title": "About refunds", "summary": "What you need to know."} | fields
    return "---\n" + "".join(f"{name}: {value}\n" for name, value in given.items() if value) + f"---\n{body}"


def told(findings: list[Finding]) -> list[tuple[str, int | None, str]]:
    return [(finding.path, finding.line, finding.rule) for finding in findings]


def lint(folder: Path, **chosen: object) -> list[Finding]:
    return lint_files(folder, today=TODAY, **chosen)


def test_the_help_centre_has_nothing_to_change():
    assert lint_files(HELP_CENTRE, today=TODAY) == []


def test_a_sound_article_has_no_findings(folder, write):
    write({"en/refunds.md": SOUND})
    assert lint(folder) == []


def test_a_finding_is_one_line_with_place_rule_fact_and_remedy(folder, write):
    write({"en/refunds.md": "# Refunds\n\nFive working days.\n"})
    assert [str(finding) for finding in lint(folder)] == [
        "en/refunds.md:1: missing-summary: the article has no summary, so lists show nothing below its title;"
        " add a `summary`: one sentence that says what the reader gets"
    ]


def test_a_description_is_a_summary(folder, write):
    write({"en/refunds.md": article("Text.\n", summary="", description="How long a refund takes.")})
    assert lint(folder) == []


def test_a_file_that_cannot_be_read_is_a_finding_and_hides_no_other(folder, write):
    write({"en/refunds.md": "---\nreview_by: next week\n---\nText.\n", "en/other.md": "# Other\n\nText.\n"})
    (folder / "en/torn.md").write_bytes(b"# Torn\n\n\xff\xfe\n")
    found = lint(folder)
    assert told(found) == [("en/other.md", 1, "missing-summary"), ("en/refunds.md", 2, "unreadable"), ("en/torn.md", 3, "unreadable")]
    assert (found[1].fact, found[1].remedy) == ("review_by is not a date: 'next week'", "want YYYY-MM-DD")
    assert (found[2].level, found[2].remedy) == ("error", "save the file as UTF-8")


def test_an_article_that_cannot_be_rendered_is_unreadable(folder, write):
    write({"en/deep.md": article("> " * 200 + "[x](nowhere.md)\n")})
    assert told(lint(folder)) == [("en/deep.md", None, "unreadable")]


def test_without_a_folder_there_is_nothing_to_lint(tmp_path):
    with pytest.raises(SettingsError, match="no articles folder"):
        lint(tmp_path / "nowhere")


# Links


@pytest.mark.parametrize(
    "link",
    [
        "[x](other.md)", "[x](other.md#ask-for-one)", "[x](/en/other.md)", "[x](../en/other)", "[x](#below)", "[x](other.md#named)",
        "[x](old.md)", "[x](https://example.com/nowhere.md)", "[x](mailto:help@example.com)", "[x](/browse)", "[x](?lang=zh)",
        "![x](images/shot.png)", "![x](https://example.com/x.svg)", "[x][1]\n\n[1]: other.md", '<a href="other.md">x</a>',
        "`[x](nowhere.md)`", "```\n[x](nowhere.md)\n```", "<!-- [x](nowhere.md) -->", "    [x](nowhere.md)", "[x](/article?id=en/other#below)",
    ],
)  # fmt: skip
def test_a_link_that_leads_somewhere_is_no_finding(folder, write, link):
    other = SOUND.replace("---\n\n", "redirect_from: [en/old]\n---\n\n") + "\n## Called {#named}\n\nText.\n\n## Below\n\nText.\n"
    write({"en/refunds.md": article(f"Text.\n\n{link}\n\n## Below\n\nText.\n"), "en/other.md": other})
    (folder / "en/images").mkdir()
    (folder / "en/images/shot.png").write_bytes(b"\x89PNG")
    assert lint(folder) == []


@pytest.mark.parametrize(
    ("link", "rule", "said"),
    [
        ("[x](nowhere.md)", "dead-link", "leads to no article: en/nowhere"),
        ("[x](../../outside.md)", "dead-link", "leads out of the articles folder"),
        ("[x](javascript:alert)", "dead-link", "its scheme is not for pages"),
        ("[x](www.example.com/faq)", "dead-link", "write https:// in front of it"),
        ("[x](manual.pdf)", "dead-link", "leads to no page of the portal"),
        ("[x](Other.md)", "dead-link", "perhaps en/other.md is meant"),
        ("[x](../zh/other.md)", "dead-link", "perhaps en/other.md is meant"),
        ("[x][1]\n\n[1]: nowhere.md", "dead-link", "leads to no article: en/nowhere"),
        ('<a href="nowhere.md">x</a>', "dead-link", "leads to no article: en/nowhere"),
        ("[x](other.md#ask-for-two)", "dead-section", "write #ask-for-one"),
        ("[x](#nowhere)", "dead-section", "a section that en/refunds does not have"),
        ("![x](images/shot.png)", "dead-image", "there is no image at en/images/shot.png"),
        ("![x](drawing.svg)", "dead-image", "of the kinds png, jpg"),
        ("[the screen](shot.png)", "dead-image", "there is no image at en/shot.png"),
    ],
)
def test_a_link_that_leads_nowhere_is_found_on_its_line(folder, write, link, rule, said):
    write({"en/refunds.md": article(f"Text.\n\n{link}\n"), "en/other.md": SOUND})
    (found,) = lint(folder)
    # The definition of a reference stands two lines below its use.
    assert (found.path, found.line, found.rule) == ("en/refunds.md", 9 if "\n\n[1]:" in link else 7, rule)
    assert said in str(found)


def test_a_link_to_what_its_readers_may_not_see_is_a_warning(folder, write):
    body = "[draft](draft.md)\n\n[inside](inside.md)\n\n[gone](gone.md)\n"
    write({
        "en/refunds.md": article(body), "en/draft.md": article("Text.\n", status="draft"),
        "en/inside.md": article("Text.\n", visibility="internal"), "en/gone.md": article("Text.\n", status="archived"),
    })  # fmt: skip
    found = lint(folder)
    assert [(finding.rule, finding.level, finding.line) for finding in found] == [("dead-link", "warning", line) for line in (5, 7, 9)]
    assert "status: draft" in found[0].fact and "visibility: internal" in found[1].fact and "status: archived" in found[2].fact


def test_a_draft_may_link_to_another_draft(folder, write):
    write({"en/one.md": article("[x](two.md)\n", status="draft"), "en/two.md": article("Text.\n", status="draft")})
    assert lint(folder) == []


def test_a_link_to_a_file_that_cannot_be_read_is_not_dead(folder, write):
    write({"en/refunds.md": article("[x](other.md)\n"), "en/other.md": "---\nupdated: soon\n---\nText.\n"})
    assert told(lint(folder)) == [("en/other.md", 2, "unreadable")]


# Translations and dates


def test_a_missing_translation_is_told_only_where_both_languages_are_kept(folder, write):
    write({"en/refunds.md": SOUND})
    assert lint(folder) == []
    write({"zh/other.md": article("正文。\n")})
    assert [(finding.path, finding.fact, finding.remedy) for finding in lint(folder)] == [
        ("en/refunds.md", "there is no Chinese version", "translate it as zh/refunds.md"),
        ("zh/other.md", "there is no English version", "translate it as en/other.md"),
    ]


def test_one_article_in_another_language_does_not_make_a_base_of_two(folder, write):
    write({f"en/{number}.md": SOUND for number in range(20)} | {"zh/other.md": article("正文。\n")})
    assert lint(folder) == []


def test_a_translation_that_is_not_published_is_named(folder, write):
    write(
        {
            "en/refunds.md": SOUND,
            "zh/refunds.md": article("正文。\n", status="draft"),
            "zh/other.md": article("正文。\n"),
            "en/other.md": SOUND,
        }
    )
    (found,) = lint(folder)
    assert found.fact == "its translation zh/refunds is not published (draft)"


def test_the_version_that_was_updated_earlier_is_stale(folder, write):
    write({"en/refunds.md": article("Text.\n", updated="2026-10-01"), "zh/refunds.md": article("正文。\n", updated="2026-11-02")})
    (found,) = lint(folder)
    assert (found.path, found.line, found.rule) == ("en/refunds.md", 4, "stale-translation")
    assert found.fact == "it was updated on 2026-10-01, its translation zh/refunds on 2026-11-02"


def test_without_dates_nothing_is_stale(folder, write):
    write({"en/refunds.md": article("Text.\n", updated="2026-10-01"), "zh/refunds.md": article("正文。\n")})
    assert lint(folder) == []


def test_a_review_is_overdue_from_the_day_after(folder, write):
    write({"en/today.md": article("Text.\n", review_by="2026-11-26"), "en/late.md": article("Text.\n", review_by="2026-11-25")})
    (found,) = lint(folder)
    assert (found.path, found.line, found.fact) == ("en/late.md", 4, "its review was due on 2026-11-25")


@pytest.mark.parametrize("status", ["draft", "archived"])
def test_what_nobody_reads_needs_no_review(folder, write, status):
    write({"en/late.md": article("Text.\n", review_by="2026-11-25", status=status)})
    assert lint(folder) == []


def test_versions_that_name_other_amounts_contradict_each_other(folder, write):
    write({"en/refunds.md": article("Refunds arrive within two weeks.\n"), "zh/refunds.md": article("退款三十天内到账。\n")})
    (found,) = lint(folder)
    assert (found.path, found.line, found.rule) == ("zh/refunds.md", 5, "contradicting-numbers")
    assert found.fact == "'三十天' is not in the translation, and 'two weeks' in en/refunds.md:5 is not here"


def test_the_same_amount_in_other_words_and_units_is_no_contradiction(folder, write):
    english = "Refunds arrive within 14 days, at most 24 hours after `sleep 30 minutes`.\n"
    write({"en/refunds.md": article(english), "zh/refunds.md": article("退款两周内到账，最迟一天。\n")})
    assert lint(folder) == []


def test_an_amount_that_one_language_leaves_out_is_no_contradiction(folder, write):
    write({"en/refunds.md": article("Within 14 days, or 30 days by post.\n"), "zh/refunds.md": article("十四天内到账。\n")})
    assert lint(folder) == []


# Headings


@pytest.mark.parametrize(
    ("body", "line", "rule", "said"),
    [
        ("## One\n\nText.\n\n#### Three\n\nText.\n", 9, "heading-level", "'Three' is an h4 right below an h2; make it an h3"),
        ("### Deep\n\nText.\n", 5, "heading-level", "'Deep' is an h3 right below an h1; make it an h2"),
        ("# About refunds\n\nText.\n\n# Again\n\nText.\n", 9, "heading-level", "'Again' is an h1 like the title"),
        ("Text.\n\n##\n\nText.\n", 7, "empty-heading", "the h2 has no words"),
        ("## One\n\nText.\n\n## Two\n\n## Three\n\nText.\n", 9, "empty-heading", "there is nothing below 'Two'"),
        ("## One\n\nText.\n\n## Two\n", 9, "empty-heading", "there is nothing below 'Two'"),
    ],
)
def test_a_heading_that_breaks_the_outline_is_found_on_its_line(folder, write, body, line, rule, said):
    write({"en/refunds.md": article(body)})
    (found,) = lint(folder)
    assert (found.line, found.rule) == (line, rule)
    assert said in str(found)


@pytest.mark.parametrize(
    "body",
    [
        "# About refunds\n\n## One\n\n### Two\n\nText.\n\n## Three\n\nText.\n",
        "Text.\n\n```bash\n# a comment\n#### another\n```\n",
        "One\n===\n\nText.\n\nTwo\n---\n\nText.\n",
        "## One\n\n### Its part\n\nText.\n",
        "## One\n\n![x](https://example.com/a.png)\n",
    ],
)
def test_a_sound_outline_is_no_finding(folder, write, body):
    write({"en/refunds.md": article(body)})
    assert lint(folder) == []


# Choosing, and texts that are not saved


def test_only_the_rules_and_articles_named_are_told(folder, write):
    write({"en/one.md": "# One\n\n[x](nowhere.md)\n", "en/two.md": "# Two\n\nText.\n"})
    assert told(lint(folder, only=["dead-link"])) == [("en/one.md", 3, "dead-link")]
    assert told(lint(folder, ids=["en/two"])) == [("en/two.md", 1, "missing-summary")]


def test_a_text_that_is_not_saved_is_linted_in_the_place_of_the_file(folder, write):
    write({"en/refunds.md": article("[x](nowhere.md)\n"), "en/other.md": SOUND})
    assert lint_text(article("[x](other.md)\n"), "en/refunds", folder, today=TODAY) == []
    assert told(lint_text(article("\n[x](other.md#nowhere)\n"), "en/new", folder, today=TODAY)) == [("en/new.md", 6, "dead-section")]


def test_a_text_that_is_no_article_is_one_finding(folder, write):
    write({"en/other.md": SOUND})
    assert told(lint_text("---\nstatus: done\n---\nText.\n", "en/new", folder, today=TODAY)) == [("en/new.md", 2, "unreadable")]


def test_a_text_can_be_linted_beside_articles_that_were_read_before(folder, write):
    write({"en/other.md": SOUND})
    others = load_articles(folder).articles
    (folder / "en/other.md").unlink()
    assert lint_text(article("[x](other.md)\n"), "en/new", folder, today=TODAY, others=others) == []


# What the rules rest on


def test_every_rule_has_its_words():
    assert {code.split(".")[0] for code in WORDS} >= set(FILE_RULES)


def test_the_source_tells_what_the_page_will_offer():
    source = read_source('# One `code`\n\nText [x](a.md "t") ![y](b.png)\n\nTwo\n---\n\n## Two\n\n## 中文 {#named}\n', first_line=5)
    assert [(heading.line, heading.level, heading.text, heading.anchor) for heading in source.headings] == [
        (5, 1, "One code", "one-code"), (9, 2, "Two", "two"), (12, 2, "Two", "two-2"), (14, 2, "中文", "named"),
    ]  # fmt: skip
    assert [(link.line, link.address, link.kind) for link in source.links] == [(7, "a.md", "link"), (7, "b.png", "image")]


@pytest.mark.parametrize(
    ("text", "near", "line"),
    [
        ("Refunds arrive within 14 days.", "", 4),
        ("Acknowledged | within 30 minutes", "30 minutes", 7),
        ("It is a long sentence that goes on over two lines, within 5 days.", "5 days", 10),
        ("Nowhere to be found", "", None),
    ],
)
def test_a_text_of_the_page_is_found_in_its_source(text, near, line):
    body = "**Refunds** arrive within 14 days. Then more.\n\n|a|b|\n| Acknowledged | within 30 minutes |\n\nIt is a long\nsentence that goes on over two lines, within 5 days.\n"
    assert find_line(text, body, first_line=4, near=near) == line
