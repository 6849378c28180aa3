"""Writing as the team's pages have it: found, typed, kept, saved, reviewed, published; nothing lost and nothing written over unseen."""

from __future__ import annotations

import inspect

import lxml.html
import pytest
import streamlit as st

from kb.accounts import Account
from kb.article_files import EditConflict
from kb.articles import parse_article
from kb.errors import StaffOnly
from kb.page import render_article
from kb.workflow import WorkflowError
from portal import guard
from portal.components import editing_preview
from portal.components.replaying import REASON
from portal.components.sections import equip_article
from portal.current import hold_knowledge
from portal.forms import STAFF_COOKIE
from portal.messages import Messages
from portal.writing import WritingDesk
from tests.portal.app_pages import open_page, words
from tests.portal.sample_articles import PAYLOADS
from tests.portal.writing_desks import ADA, DRAFT, LEE, MEI, REFUND, WritingKnowledge

BODY = "edit_body_0"


@pytest.fixture
def knowledge(tmp_path):
    """Two articles in Git: one published, one a draft."""
    knowledge = WritingKnowledge(tmp_path)
    knowledge.write("en/billing/refund.md", REFUND)
    knowledge.write("en/billing/seashells.md", DRAFT)
    knowledge.git("init", "--quiet")
    knowledge.git("add", ".")
    knowledge.git("commit", "--quiet", "--message", "Import")
    hold_knowledge(knowledge)
    yield knowledge
    knowledge._renderer.close()


@pytest.fixture
def sign_in(monkeypatch):
    """From now on this account is at the page."""
    monkeypatch.setattr(type(st.context), "cookies", {STAFF_COOKIE: "a sign-in"})

    def as_account(account: Account | None) -> None:
        monkeypatch.setattr(guard, "current_account", lambda: account)

    as_account(MEI)
    return as_account


@pytest.fixture
def edit(knowledge, sign_in):
    """Opens the editor in a browser tab of its own."""

    def open_editor(article: str = "en/billing/seashells", account: Account = MEI, **parameters: str):
        sign_in(account)
        return open_page("edit", article=article, **parameters)

    return open_editor


def type_text(page, text: str):
    [area] = [area for area in page.text_area if area.key.startswith("edit_body")]
    return area.set_value(text).run()


def body(page) -> str:
    [area] = [area for area in page.text_area if area.key.startswith("edit_body")]
    return area.value


def press(page, key: str):
    page.button(key=key).click().run()
    assert not page.exception
    return page


def offered(page) -> set[str]:
    return {button.key for button in page.button if button.key}


# The list


def test_the_list_shows_what_customers_do_not_see_and_counts_each_state(knowledge, sign_in):
    page = open_page("articles")
    assert "Pay with seashells" in words(page) and "Get a refund" in words(page)
    [states] = page.get("button_group")
    assert list(states.options) == ["All (2)", "Draft (1)", "In review (0)", "Published (1)", "Archived (0)"]


def test_an_overdue_review_comes_first_and_says_so(knowledge, sign_in):
    knowledge.write("en/a.md", "---\ntitle: Aardvarks\nreview_by: 2099-01-01\n---\nx\n")
    page = open_page("articles")
    assert words(page).index("Get a refund") < words(page).index("Aardvarks") < words(page).index("Pay with seashells")
    assert '<span class="kb-badge kb-late">Review by 1 Oct 2026</span>' in words(page)


@pytest.mark.parametrize(
    ("parameters", "shown"),
    [
        ({"state": "draft"}, {"Pay with seashells"}),
        ({"owner": "Mei"}, {"Get a refund"}),
        ({"review": "overdue"}, {"Get a refund"}),
        ({"review": "none"}, {"Pay with seashells"}),
        ({"written": "zh"}, set()),
        ({"text": "REFUND billing"}, {"Get a refund"}),
    ],
)
def test_the_list_is_narrowed_as_the_address_says(knowledge, sign_in, parameters, shown):
    page = open_page("articles", **parameters)
    assert {title for title in ("Get a refund", "Pay with seashells") if title in words(page)} == shown


def test_a_file_that_cannot_be_read_is_listed_with_its_fault_and_opens_whole(knowledge, edit, sign_in):
    knowledge.write("en/broken.md", "---\ntitle: Broken: badly\n---\nText\n")
    page = open_page("articles")
    assert "en/broken.md:2" in words(page) and "quote values that contain a colon" in words(page)
    page = edit("en/broken")
    assert body(page) == "---\ntitle: Broken: badly\n---\nText\n"
    assert "This text cannot be shown yet." in words(page)
    type_text(page, '---\ntitle: "Broken: badly"\nstatus: draft\n---\nText\n')
    press(page, "edit_save")
    assert 'title: "Broken: badly"' in knowledge.read("en/broken.md")


def test_a_new_article_begins_as_a_draft_in_the_folder_of_its_language_and_opens(knowledge, sign_in, monkeypatch):
    went = []
    monkeypatch.setattr("streamlit.switch_page", lambda page, query_params: went.append((page.name, query_params)))
    page = open_page("articles", title="Can I pay with pearls?")
    page.selectbox(key="new_folder").set_value("billing")
    [begin] = [button for button in page.button if button.label == "Begin writing"]
    begin.click().run()
    assert went == [("edit.py", {"article": "en/billing/can-i-pay-with-pearls"})]
    text = knowledge.read("en/billing/can-i-pay-with-pearls.md")
    assert "title: Can I pay with pearls?" in text and "status: draft" in text
    assert knowledge.git("log", "-1", "--format=%an: %s") == "Mei: New: Can I pay with pearls?\n"


def test_ten_thousand_articles_are_shown_fifty_at_a_time(knowledge, sign_in):
    for number in range(120):
        knowledge.write(f"en/many/{number:03}.md", f"---\ntitle: Article {number:03}\n---\nx\n")
    page = open_page("articles", order="title")
    assert words(page).count("/edit?article=") == 50
    page.get("pagination")[0].set_value(3).run()
    assert words(page).count("/edit?article=") == 22


@pytest.mark.parametrize("name", ["articles", "edit", "history"])
def test_nobody_writes_without_signing_in(knowledge, sign_in, name):
    sign_in(None)
    page = open_page(name, article="en/billing/refund")
    assert "This page is for the support team" in words(page) and "14 days" not in words(page)
    assert not page.text_area and not page.button


# Typing and keeping


def test_what_is_typed_is_shown_as_its_page_and_kept_but_not_saved(knowledge, edit):
    page = type_text(edit(), "No, *cards* only.\n")
    assert "<em>cards</em>" in words(page) and "not saved yet" in words(page)
    assert knowledge.read("en/billing/seashells.md") == DRAFT


def test_text_in_a_closed_tab_is_there_again_and_can_be_discarded_and_brought_back(knowledge, edit):
    type_text(edit(), "Half a sentence")
    page = edit()
    assert body(page) == "Half a sentence" and "This is your text from before" in words(page)
    press(page, "edit_discard")
    assert body(page) == "No.\n"
    press(page, "edit_bring_back")
    assert body(page) == "Half a sentence"


def test_text_kept_by_one_is_not_shown_to_another(knowledge, edit):
    type_text(edit(account=MEI), "Half a sentence")
    assert body(edit(account=ADA)) == "No.\n"


def test_the_preview_is_the_page_that_customers_get(knowledge, edit):
    article = parse_article(REFUND, id="en/billing/refund")
    assert equip_article(render_article(article).html, Messages("en")) in words(edit("en/billing/refund"))


def test_nothing_typed_runs_in_the_preview(knowledge, edit):
    page = edit()
    for payload in PAYLOADS[::4]:
        type_text(page, f"{payload}\n\n# {payload}\n")
        shown = lxml.html.fragment_fromstring(page.session_state[editing_preview.KEY].page.html, create_parent="div")
        assert not shown.xpath("//script | //iframe | //object | //style | //form | //svg"), payload
        assert not [name for element in shown.iter() for name in element.attrib if name.startswith("on")], payload
        assert not [link for link in shown.xpath("//@href | //@src") if link.startswith(("javascript:", "data:"))], payload


def test_looking_at_a_preview_counts_as_no_reading_and_its_links_leave_the_text_alone(knowledge, edit):
    page = type_text(edit(), "See [refunds](refund.md).\n")
    shown = next(html.value for html in page.get("html") if "kb-article-layout" in html.value)
    assert "data-article" not in shown and 'href="/article?id=en/billing/refund" target="_blank"' in shown


# Saving


def test_saving_writes_the_file_and_its_history_in_the_authors_name(knowledge, edit):
    page = type_text(edit(), "No, cards only.\n")
    page.text_input(key="edit_message").set_value("shorter")
    press(page, "edit_save")
    assert knowledge.read("en/billing/seashells.md") == DRAFT.replace("No.", "No, cards only.")
    assert knowledge.git("log", "-1", "--format=%an: %s") == "Mei: Edit: Pay with seashells: shorter\n"
    assert "Saved." in words(page) and page.text_input(key="edit_message").value == ""
    assert body(edit()) == "No, cards only.\n"


def test_a_field_is_written_alone_and_everything_else_stays_as_it_was(knowledge, edit):
    page = edit("en/billing/refund")
    page.text_area(key="edit_aliases_0").set_value("money back\n money   back\nreturn it")
    page.text_input(key="edit_owner_0").set_value("Ada").run()
    press(page, "edit_publish_changes")
    changed = set(knowledge.read("en/billing/refund.md").splitlines()) ^ set(REFUND.splitlines())
    assert changed == {
        "owner: Mei", "owner: Ada", "aliases:", "  - money back", "  - return it", "published_by: Mei", "published_on: 2026-11-25", "updated: 2026-11-25",
    }  # fmt: skip


def test_without_git_saving_works_and_the_history_says_how_to_have_one(tmp_path, sign_in):
    knowledge = WritingKnowledge(tmp_path)
    knowledge.write("en/seashells.md", DRAFT)
    hold_knowledge(knowledge)
    press(type_text(open_page("edit", article="en/seashells"), "Yes.\n"), "edit_save")
    assert knowledge.read("en/seashells.md").endswith("Yes.\n")
    page = open_page("history", article="en/seashells")
    assert "not in a Git repository" in words(page) and "git init" in words(page)


# Two people at one article


@pytest.fixture
def overtaken(edit):
    """Mei's tab: she typed, and Ada saved first."""
    mei, ada = edit(account=MEI), edit(account=ADA)
    press(type_text(ada, "Ada's words.\n"), "edit_save")
    return mei


def test_whoever_saves_second_is_told_and_writes_nothing_over(knowledge, overtaken, sign_in):
    sign_in(MEI)
    press(type_text(overtaken, "Mei's words.\n"), "edit_save")
    assert "Ada saved this article while you were writing" in words(overtaken)
    assert "<del>" in words(overtaken) and "Ada&#39;s words." in words(overtaken) and "Mei&#39;s words." in words(overtaken)
    assert knowledge.read("en/billing/seashells.md").endswith("Ada's words.\n")
    assert body(overtaken) == "Mei's words.\n"


def test_the_warning_comes_while_typing_before_anything_is_saved(overtaken, sign_in):
    sign_in(MEI)
    assert "Somebody else saved meanwhile" in words(type_text(overtaken, "Mei's words.\n"))


def test_mine_can_be_saved_on_top_after_seeing_theirs_and_both_stay_in_the_history(knowledge, overtaken, sign_in):
    sign_in(MEI)
    page = press(type_text(overtaken, "Mei's words.\n"), "edit_compare")
    press(page, "edit_keep_mine")
    assert knowledge.read("en/billing/seashells.md").endswith("Mei's words.\n")
    assert knowledge.git("log", "-2", "--format=%an") == "Mei\nAda\n"


def test_theirs_can_be_taken_and_mine_brought_back(knowledge, overtaken, sign_in):
    sign_in(MEI)
    page = press(type_text(overtaken, "Mei's words.\n"), "edit_compare")
    press(page, "edit_take_theirs")
    assert body(page) == "Ada's words.\n" and "Everything is saved" in words(page)
    assert body(press(page, "edit_bring_back")) == "Mei's words.\n"


def test_merging_by_hand_keeps_theirs_in_view_until_it_is_saved(knowledge, overtaken, sign_in):
    sign_in(MEI)
    page = press(type_text(overtaken, "Mei's words.\n"), "edit_compare")
    press(page, "edit_merge")
    assert body(page) == "Mei's words.\n" and "Ada&#39;s words." in words(page)
    press(type_text(page, "Ada's words.\nMei's words.\n"), "edit_save")
    assert knowledge.read("en/billing/seashells.md").endswith("Ada's words.\nMei's words.\n")
    assert "<del>" not in words(page)


def test_saving_mine_on_top_keeps_the_state_that_they_brought_it_to(knowledge, edit, sign_in):
    mei, ada = edit(account=MEI), edit(account=ADA)
    press(ada, "edit_submit")
    sign_in(MEI)
    press(type_text(mei, "Mei's words.\n"), "edit_compare")
    press(mei, "edit_keep_mine")
    text = knowledge.read("en/billing/seashells.md")
    assert "status: review\n" in text and "submitted_by: Ada\nsubmitted_on: 2026-11-25\n" in text and text.endswith("Mei's words.\n")


def test_text_for_a_file_that_is_gone_is_kept_and_comes_back_as_a_draft(knowledge, edit):
    page = edit("en/billing/refund")
    (knowledge.settings.articles / "en/billing/refund.md").unlink()
    type_text(page, "Still here.\n")
    assert "moved or removed" in words(page)
    press(page, "edit_write_again")
    assert "status: draft" in knowledge.read("en/billing/refund.md") and knowledge.read("en/billing/refund.md").endswith("Still here.\n")


# The way to customers


def test_a_draft_is_submitted_and_approved_by_somebody_else_who_then_stands_in_it(knowledge, edit):
    page = press(edit(account=MEI), "edit_submit")
    assert "edit_approve" not in offered(page) and "a colleague approves it" in words(page)
    press(edit(account=ADA), "edit_approve")
    text = knowledge.read("en/billing/seashells.md")
    for line in ("status: published", "submitted_by: Mei", "reviewed_by: Ada", "published_by: Ada", "updated: 2026-11-25"):
        assert f"{line}\n" in text
    assert knowledge.git("log", "-2", "--format=%an: %s") == "Ada: Publish: Pay with seashells\nMei: Submit for review: Pay with seashells\n"


def test_what_is_published_is_indexed_and_the_author_is_told_once_it_is(knowledge, edit):
    press(edit(account=MEI), "edit_submit")
    before = knowledge.indexed
    page = press(edit(account=ADA), "edit_approve")
    assert knowledge.indexed > before and "Published. Customers see it so from now on." in words(page)


def test_a_lead_publishes_alone_and_the_article_records_it(knowledge, edit):
    assert "edit_publish_alone" not in offered(edit(account=MEI))
    press(edit(account=LEE), "edit_publish_alone")
    text = knowledge.read("en/billing/seashells.md")
    assert "submitted_by: Lee\n" in text and "reviewed_by: Lee\n" in text and "status: published\n" in text


def test_an_article_goes_back_into_the_archive_and_out_of_it(knowledge, edit):
    press(edit(account=MEI), "edit_submit")
    press(edit(account=ADA), "edit_send_back")
    assert "status: draft\n" in knowledge.read("en/billing/seashells.md")
    press(edit("en/billing/refund"), "edit_archive")
    assert "status: archived\n" in knowledge.read("en/billing/refund.md")
    press(edit("en/billing/refund"), "edit_restore")
    assert "status: draft\n" in knowledge.read("en/billing/refund.md")


def test_a_published_article_has_no_save_that_would_publish_by_the_way(knowledge, edit):
    page = type_text(edit("en/billing/refund"), "New words.\n")
    assert "edit_save" not in offered(page)
    desk, file = knowledge.writing_desk(MEI), knowledge.writing_desk(MEI).on_disk("en/billing/refund")
    with pytest.raises(WorkflowError):
        desk.save("en/billing/refund", REFUND.replace("three", "two"), version=file.version)
    press(page, "edit_publish_changes")
    assert knowledge.read("en/billing/refund.md").endswith("New words.\n")


def test_a_status_written_into_the_text_by_hand_publishes_nothing(knowledge):
    desk = knowledge.writing_desk(MEI)
    version = desk.on_disk("en/billing/seashells").version
    with pytest.raises(WorkflowError) as refused:
        desk.save("en/billing/seashells", DRAFT.replace("draft", "published"), version=version)
    assert refused.value.code == "status_by_hand"


def test_what_the_replay_advises_against_is_published_only_with_a_reason_that_stands_in_the_history(knowledge, edit):
    knowledge.verdict = "harms"
    page = press(edit(account=LEE), "edit_publish_alone")
    assert "status: draft\n" in knowledge.read("en/billing/seashells.md") and "kb-edit-bad" in words(page)
    page.session_state[REASON] = "The other article is going away."
    press(page, "edit_publish_alone")
    assert "status: published\n" in knowledge.read("en/billing/seashells.md")
    assert "The other article is going away." in knowledge.git("log", "-1", "--format=%B")


def test_a_reviewers_comment_stays_until_it_is_resolved(knowledge, edit):
    page = edit(account=ADA)
    page.text_area(key="edit_comment").set_value("Which cards?")
    [add] = [button for button in page.button if button.label == "Add the comment"]
    add.click().run()
    page = edit(account=MEI)
    assert "Which cards?" in words(page) and "1 open" in words(page)
    press(page, "edit_resolve_1")
    assert "resolved by Mei" in words(page) and "1 open" not in words(page)


def test_a_moved_article_keeps_its_old_address_its_comments_and_its_history(knowledge, edit):
    knowledge.writing_desk(ADA).comment("en/billing/seashells", "Which cards?")
    page = edit()
    page.text_input(key="edit_address_en/billing/seashells").set_value("en/payments/shells")
    [move] = [button for button in page.button if button.label == "Move"]
    move.click().run()
    assert "Moved to en/payments/shells." in words(page)
    assert "redirect_from:\n  - en/billing/seashells\n" in knowledge.read("en/payments/shells.md")
    desk = knowledge.writing_desk(MEI)
    assert [comment.text for comment in desk.comments("en/payments/shells")] == ["Which cards?"]
    assert [revision.message for revision in desk.revisions("en/payments/shells")] == ["Move: en/billing/seashells to en/payments/shells", "Import"]


def test_an_image_lies_beside_its_article_and_in_the_history(knowledge):
    from tests.portal.test_pages_http import png

    path = knowledge.writing_desk(MEI).add_image("en/billing/refund", "Screen shot.png", png())
    assert (knowledge.settings.articles / "en/billing" / path).is_file()
    assert "Image" in knowledge.git("log", "-1", "--format=%s")


# The history


def test_the_history_shows_what_a_save_changed_and_restores_the_text_but_not_the_state(knowledge, edit):
    press(type_text(edit(account=MEI), "Better words.\n"), "edit_save")
    press(edit(account=MEI), "edit_submit")
    page = open_page("history", article="en/billing/seashells")
    assert [name in words(page) for name in ("Submit for review", "Edit: Pay with seashells", "Import")] == [True] * 3
    imported = knowledge.git("log", "-1", "--format=%H", "--grep=Import").strip()
    page = open_page("history", article="en/billing/seashells", to=imported)
    press(page, "history_restore")
    text = knowledge.read("en/billing/seashells.md")
    assert text.endswith("\nNo.\n") and "status: review\n" in text and "submitted_by: Mei\n" in text
    assert knowledge.git("log", "-1", "--format=%s").startswith("Restore: Pay with seashells")


# Whoever calls it


def test_every_method_of_the_desk_refuses_whoever_is_no_member_of_staff(knowledge):
    desk = knowledge.writing_desk(MEI)
    desk._account = None
    for name, method in inspect.getmembers(desk, inspect.ismethod):
        if not name.startswith("_"):
            needed = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
            positional = [None for each in needed if each.kind is each.POSITIONAL_OR_KEYWORD]
            named = {each.name: None for each in needed if each.kind is each.KEYWORD_ONLY}
            with pytest.raises(StaffOnly):
                method(*positional, **named)


def test_there_is_no_writing_desk_for_a_stranger(knowledge):
    with pytest.raises(StaffOnly):
        knowledge.writing_desk(None)


def test_an_agent_cannot_publish_alone_whatever_the_page_offers(knowledge):
    desk = knowledge.writing_desk(MEI)
    with pytest.raises(StaffOnly):
        desk.publish("en/billing/seashells", DRAFT, version=desk.on_disk("en/billing/seashells").version, alone=True)


def test_a_save_over_a_version_that_was_not_seen_is_refused(knowledge):
    desk: WritingDesk = knowledge.writing_desk(MEI)
    with pytest.raises(EditConflict):
        desk.save("en/billing/seashells", DRAFT, version="of another day")
