"""A template is the draft of an article in the house's form, in each language by itself."""

import pytest

from kb.article_templates import TEMPLATES, UnknownTemplate, read_template
from kb.articles import parse_article
from kb.frontmatter import read_front_matter
from kb.language import detect_language
from kb.page import render_article
from kb.settings import LANGUAGES

EVERY = [(kind, lang) for kind in TEMPLATES for lang in LANGUAGES]


@pytest.mark.parametrize(("kind", "lang"), EVERY)
def test_every_template_is_a_draft_in_its_language_with_the_fields_of_the_house(kind, lang):
    text = read_template(kind, lang)
    article = parse_article(text, id=f"{lang}/x")
    assert (article.lang, article.status, article.summary) == (lang, "draft", "")
    assert list(read_front_matter(text).fields) == ["title", "summary", "lang", "status", "tags"]
    assert detect_language(article.body) == lang


@pytest.mark.parametrize(("kind", "lang"), EVERY)
def test_no_note_to_the_author_is_shown_and_the_sections_are(kind, lang):
    article = parse_article(read_template(kind, lang), id=f"{lang}/x")
    page = render_article(article)
    assert "<!--" in article.body
    assert "--" not in page.html
    assert not any(note in page.html for note in ("Notes like this one", "这样的提示"))
    assert len(page.toc) >= 2


@pytest.mark.parametrize("kind", TEMPLATES)
def test_both_languages_have_as_many_sections(kind):
    sections = {lang: len(render_article(parse_article(read_template(kind, lang), id="x")).toc) for lang in LANGUAGES}
    assert sections["zh"] == sections["en"]


@pytest.mark.parametrize("title", ["Error 0x80070005: access denied", "怎么改发票抬头？", "no", "1.10", '"quoted"'])
def test_a_title_is_read_back_as_it_was_given(title):
    assert parse_article(read_template("error_message", "zh", title=title), id="x").title == title


@pytest.mark.parametrize(("kind", "lang"), [("poem", "en"), ("faq", "fr"), ("../faq", "en")])
def test_a_template_that_does_not_exist_is_refused_with_those_that_do(kind, lang):
    with pytest.raises(UnknownTemplate, match="want one of how_to, .* in zh or en"):
        read_template(kind, lang)
