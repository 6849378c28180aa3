"""Synonyms on a gap's page: found on request, added one group at a time, and then the index follows."""

import subprocess
from types import SimpleNamespace

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from feedback.synonym_suggestions import SynonymSuggestion
from kb.accounts import Account
from kb.settings import Settings
from kb.synonyms_file import SYNONYMS_FILE, SynonymsError, read_synonyms
from portal import guard
from portal.current import hold_knowledge
from portal.forms import STAFF_COOKIE
from portal.knowledge import open_knowledge_base
from portal.messages import Messages
from portal.publishing import publish_changes
from tests.portal.app_pages import words

MEI = Account("Mei", "agent")
FOUND = (SynonymSuggestion(("<b>coupon</b>", "voucher"), 0.25, 0.75, 1), SynonymSuggestion(("优惠券", "voucher"), 0.25, 0.5, 4))


class Knowledge:
    """A base whose desk suggests FOUND and notes what is added."""

    def __init__(self, folder):
        self.settings, self.found, self.added, self.indexed, self.fault = SimpleNamespace(articles=folder), FOUND, [], 0, None

    def desk(self, account):
        return self

    def suggest_synonyms(self, gap):
        return self.found

    def add_synonyms(self, phrases):
        if self.fault:
            raise self.fault
        self.added.append(phrases)

    def test_standing(self):
        """There is no index to test."""

    def index(self, *, test=True):
        self.indexed += 1
        return SimpleNamespace(problems=())


@pytest.fixture
def knowledge(tmp_path, monkeypatch):
    monkeypatch.setattr(type(st.context), "cookies", {STAFF_COOKIE: "a sign-in"})
    monkeypatch.setattr(guard, "current_account", lambda: MEI)
    knowledge = Knowledge(tmp_path)
    hold_knowledge(knowledge)
    return knowledge


def look(lang="en"):
    def page(lang):
        from portal.components.gap_synonyms import offer_synonyms, show_synonyms
        from portal.messages import Messages

        offer_synonyms(Messages(lang), 7)
        show_synonyms(Messages(lang), 7)

    opened = AppTest.from_function(page, args=(lang,), default_timeout=20)
    return opened.run().button(key="synonyms_find").click().run()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_each_group_is_shown_with_what_it_would_win_and_what_was_tried(knowledge, lang):
    page = look(lang)
    assert not page.exception
    assert "优惠券 = voucher" in words(page)
    assert "25 %" in words(page) and "75 %" in words(page) and "50 %" in words(page)
    assert Messages(lang).counted("replay_searches", 1) in words(page)


def test_customers_words_stay_text(knowledge):
    assert "<b>" not in words(look()) and "&lt;b&gt;coupon" in words(look())


def test_a_group_is_added_the_index_follows_and_the_others_are_looked_for_again(knowledge):
    page = look().button(key="synonyms_add_1").click().run()
    assert knowledge.added == [("优惠券", "voucher")]
    publish_changes(knowledge).result(timeout=10)
    assert knowledge.indexed
    assert "优惠券 = voucher" in words(page) and "coupon" not in words(page)
    assert [button.key for button in page.button] == ["synonyms_find"]


def test_it_is_said_that_nothing_helps(knowledge):
    knowledge.found = ()
    assert Messages("en")("synonyms_none").split("'")[0] in words(look())


def test_what_cannot_be_added_is_told_and_nothing_is_indexed(knowledge):
    knowledge.fault = SynonymsError("synonyms.yaml: cannot be written")
    page = look().button(key="synonyms_add_0").click().run()
    assert page.session_state["gap fault"] == "synonyms.yaml: cannot be written"
    assert knowledge.indexed == 0


def test_the_desk_writes_the_file_and_its_history(tmp_path, prepared_model):
    settings = Settings(articles=tmp_path / "articles", data=tmp_path / "data", model=str(prepared_model))
    settings.articles.mkdir()
    (settings.articles / "a.md").write_text("# A\n\nText.\n")

    def git(*arguments):
        return subprocess.run(["git", "-C", settings.articles, *arguments], check=True, capture_output=True, text=True).stdout

    git("init", "--quiet")
    git("-c", "user.name=t", "-c", "user.email=t@example.com", "commit", "--quiet", "--allow-empty", "--message", "Import")
    knowledge = open_knowledge_base(settings)
    knowledge.index()
    assert knowledge.is_indexed()
    knowledge.desk(MEI).add_synonyms(("coupon", "voucher"))
    assert read_synonyms(settings.articles).synonyms.groups == (("coupon", "voucher"),)
    assert git("log", "-1", "--format=%an: %s", "--", SYNONYMS_FILE) == "Mei: Synonyms: coupon, voucher\n"
    assert not knowledge.is_indexed()
    assert knowledge.index().embedded == 0
    assert knowledge.is_indexed()
