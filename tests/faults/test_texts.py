"""Texts of any length and script, asked, voted, handed to the team and written in articles: answered or refused by name, and stored as text."""

import json

import pytest

from feedback.audience import Visit
from feedback.questions import QuestionError
from indexer.indexing import index_articles
from kb.database import read
from portal.doctoring import examine_base
from portal.knowledge import open_knowledge_base
from tests.faults.conftest import embedder_of, find_hits, levels, write_articles

TEXTS = {
    "100,000 characters": "how do I get my money back " * 3704,
    "one word of 100,000 characters": "a" * 100_000,
    "100,000 Chinese characters": "退款怎么办" * 20_000,
    "emoji": "👩‍👩‍👧‍👦🇨🇳🙂 refund 💸🏳️‍🌈",
    "right to left": "كيف أسترد أموالي؟ איך מקבלים החזר \u202erefund\u202c",
    "combining": "Z̸̢͎a̷l̶g̵o̸ réfund e\u0301 \u0915\u094d\u0937 한글 ﬁ",
    "control characters": "re\x00fund\x1b[31m \x07\x08 \x7f\u200b\ufeff\u2028",
    "half a character": "refund \ud83d",
    "only signs": "\u202e\u200f\x00",
    "query language": "\"' OR 1=1 -- NEAR(a b) * ^ {a} title: refund",
}  # fmt: skip


@pytest.fixture(scope="module")
def knowledge(sound_base, tmp_path_factory):
    from tests.faults.conftest import copy_base

    return open_knowledge_base(copy_base(sound_base, tmp_path_factory.mktemp("texts")))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_any_text_can_be_searched_voted_on_and_asked(knowledge, text):
    visit = Visit(f"visit {hash(text)}")
    answer = knowledge.search(text, visit=visit)
    knowledge.record_open("en/billing/refunds", session=visit.session, search_id=answer.search_id)
    knowledge.vote("en/billing/refunds", False, session=visit.session, search_id=answer.search_id)
    knowledge.explain_vote("en/billing/refunds", session=visit.session, search_id=answer.search_id, reason="not_it", comment=text)
    try:
        reference = knowledge.ask_team(text, visit=visit).reference
        assert knowledge.question(reference, visit=visit).text
    except QuestionError as fault:
        # Too short or too long for a question, and it says which.
        assert fault.code in ("too_short", "too_long", "empty"), fault
    with read(knowledge.settings.database) as database:
        stored = [value for (value,) in database.execute("select text from searches union all select comment from votes union all select text from questions")]
    assert all(len(value) <= 10_000 and value == value.encode().decode() for value in stored)
    json.dumps(knowledge.export_person(pseudonym=_pseudonym(knowledge, visit)), ensure_ascii=False).encode()


def _pseudonym(knowledge, visit):
    from feedback.sessions import pseudonym

    with read(knowledge.settings.database) as database:
        return pseudonym(database, visit.session)


def test_what_was_said_in_any_script_becomes_gaps_and_days(knowledge):
    for text in TEXTS.values():
        knowledge.search(text, visit=Visit("somebody else"))
    knowledge.update_gaps()
    assert not levels(examine_base(knowledge.settings))["fault"]


def test_articles_in_any_script_are_indexed_found_and_shown(base):
    scripts = {
        "en/signs/emoji": ("🎉 Party mode 🎉", "Press 🎊 to begin."),
        "en/signs/arabic": ("استرداد الأموال", "اضغط على الزر. \u202eabc\u202c"),
        "en/signs/combining": ("Café crème e\u0301", "Z̸̢a̷l̶g̵o̸ text."),
        "zh/signs/rare": ("𠀀𠀁 生僻字", "这里有𠮷野家。"),
    }
    write_articles(base.articles, {f"{id}.md": f"# {title}\n\n{text}\n" for id, (title, text) in scripts.items()})
    write_articles(base.articles, {"en/signs/nul.md": "# Nul\n\nA \x00 in it.\n"})
    report = index_articles(base, embedder_of(base.model))
    assert [problem.path for problem in report.problems] == ["en/signs/nul.md"] and "NUL" in report.problems[0].fact
    knowledge = open_knowledge_base(base)
    for id, (title, _) in scripts.items():
        assert knowledge.search(title).hits[0].article == id
    assert find_hits(base)


def test_the_command_line_takes_the_same_texts(base, kb):
    for name in ("emoji", "right to left", "combining", "100,000 characters", "query language"):
        told = kb(base, "search", "--json", "--", TEXTS[name][:100_000])
        assert told.returncode == 0, told.stderr
        assert json.loads(told.stdout)["outcome"] in ("answered", "weak", "failed")
