"""What a person typed is kept until it is saved, for each person apart; a reviewer's comment stays until it is dealt with."""

from datetime import UTC, datetime, timedelta

import pytest

from kb.database import migrate
from kb.workspace import Comment, Kept, Workspace, WorkspaceError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def workspace(tmp_path, clock):
    migrate(tmp_path / "kb.sqlite")
    return Workspace(tmp_path / "kb.sqlite", now=clock)


def test_what_was_typed_last_is_kept_with_the_version_it_started_from(workspace, clock):
    workspace.keep("en/x", "first", base_version="a1", account="Mei")
    clock.now += timedelta(seconds=5)
    workspace.keep("en/x", "退款\n", base_version=None, account="Mei")
    assert workspace.kept("en/x", account="Mei") == Kept("退款\n", None, NOON + timedelta(seconds=5))


def test_two_people_on_one_article_do_not_see_each_others_text(workspace):
    workspace.keep("en/x", "Mei's", base_version="a1", account="Mei")
    workspace.keep("en/x", "Li's", base_version="a1", account="Li")
    assert workspace.kept("en/x", account="mei").text == "Mei's"
    assert workspace.kept("en/x", account="Li").text == "Li's"
    assert workspace.kept("en/y", account="Li") is None


def test_what_is_dropped_is_gone_for_that_person_alone(workspace):
    workspace.keep("en/x", "Mei's", base_version="a1", account="Mei")
    workspace.keep("en/x", "Li's", base_version="a1", account="Li")
    workspace.drop("en/x", account="Mei")
    workspace.drop("en/x", account="Mei")
    assert workspace.kept("en/x", account="Mei") is None
    assert workspace.kept("en/x", account="Li").text == "Li's"


def test_a_text_that_no_article_may_have_is_not_kept(workspace):
    with pytest.raises(WorkspaceError, match="larger than 1 MB; split it"):
        workspace.keep("en/x", "退" * 400_000, base_version=None, account="Mei")


def test_comments_are_listed_in_order_and_carry_who_resolved_them_first(workspace, clock):
    first = workspace.comment("en/x", " Name the menu. ", account="Li")
    second = workspace.comment("en/x", "数字对吗？", account="张伟")
    clock.now += timedelta(hours=1)
    workspace.resolve(first.id, account="Mei")
    clock.now += timedelta(hours=1)
    workspace.resolve(first.id, account="张伟")
    assert workspace.comments("en/x") == (
        Comment(first.id, "Li", "Name the menu.", NOON, "Mei", NOON + timedelta(hours=1)),
        Comment(second.id, "张伟", "数字对吗？", NOON, None, None),
    )
    assert workspace.comments("en/y") == ()


@pytest.mark.parametrize(("text", "fact"), [(" \n", "is empty"), ("x" * 4001, "has 4001 characters; want at most 4000")])
def test_a_comment_says_something_and_not_too_much(workspace, text, fact):
    with pytest.raises(WorkspaceError, match=fact):
        workspace.comment("en/x", text, account="Li")


def test_a_comment_that_is_not_there_cannot_be_resolved(workspace):
    with pytest.raises(WorkspaceError, match="no comment 7"):
        workspace.resolve(7, account="Li")


def test_comments_and_unsaved_texts_follow_an_article_to_its_new_id(workspace):
    workspace.comment("en/x", "Name the menu.", account="Li")
    workspace.keep("en/x", "Mei's", base_version="a1", account="Mei")
    workspace.keep("en/x", "old", base_version="a1", account="Li")
    workspace.keep("en/y", "new", base_version="b2", account="Li")
    workspace.rename("en/x", "en/y")
    assert [comment.text for comment in workspace.comments("en/y")] == ["Name the menu."]
    assert workspace.kept("en/y", account="Mei").text == "Mei's"
    assert workspace.kept("en/y", account="Li").text == "new"
    assert workspace.kept("en/x", account="Li") is None
    assert workspace.comments("en/x") == ()
