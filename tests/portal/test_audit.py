"""The audit log of the portal: every action of the team leaves one line, reading leaves none, and administrators see them all."""

import csv
import inspect
import io
import re
import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
import streamlit as st
from argon2 import PasswordHasher
from PIL import Image

from feedback.audience import Visit
from feedback.moments import utc_now
from kb.accounts import Account, Accounts
from kb.article_files import EditConflict
from kb.audit import read_audit, verify
from kb.audited import Audited
from kb.database import read, write
from kb.errors import DatabaseError, StaffOnly
from kb.settings import Settings
from portal.audit_words import ACTIONS, say_action, say_detail
from portal.auditing import AuditDesk
from portal.components.downloads import offer_files
from portal.current import hold_knowledge
from portal.desk import Desk
from portal.forms import STAFF_COOKIE
from portal.guard import NotAllowed
from portal.knowledge import open_knowledge_base
from portal.messages import Messages
from portal.writing import WritingDesk
from tests.portal.app_pages import open_page, words
from tests.portal.writing_desks import DRAFT, REFUND, WritingKnowledge

PASSWORD = "four words of my own"
TEAM = {"agent": "Ada", "lead": "Lee", "administrator": "Root"}
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
SAID = "my printer Bartholomew prints nothing"
"""What a customer wrote: no word of it may stand in the log."""

# Every public method of the desks is an act, and then here with how to do it, or it only reads, and then it leaves no line.

DESK_READS = {
    "refresh", "gaps", "reopened_mine", "choices", "has_gaps", "gap", "single", "gap_reply", "proofs", "waiting", "suggest_aliases", "suggest_synonyms",
    "assumptions", "self_service", "questions", "find_question", "trail", "count_person",
}  # fmt: skip
DESK_ACTS = {
    "assign": ("agent", "gap", "assigned", lambda desk, base: desk.assign(base.gap, "Lee", due="2026-12-01")),
    "close": ("agent", "gap", "closed", lambda desk, base: desk.close(base.gap, SAID)),
    "dismiss": ("agent", "gap", "dismissed", lambda desk, base: desk.dismiss(base.gap, "too_rare", note=SAID)),
    "reopen_gap": ("agent", "gap", "reopened", lambda desk, base: desk.reopen_gap(base.closed, why=SAID)),
    "note_gap": ("agent", "gap", "noted", lambda desk, base: desk.note_gap(base.gap, SAID)),
    "rename": ("agent", "gap", "renamed", lambda desk, base: desk.rename(base.gap, SAID)),
    "classify": ("agent", "gap", "classified", lambda desk, base: desk.classify(base.gap, "hidden")),
    "merge": ("agent", "gap", "merged", lambda desk, base: desk.merge(base.gap, base.other)),
    "split": ("agent", "gap", "split", lambda desk, base: desk.split(base.gap, base.items[:1])),
    "draft_gap": ("agent", "gap", "drafted", lambda desk, base: desk.draft_gap(base.gap, "en/my-printer-bartholomew")),
    "tell": ("agent", "question", "told", lambda desk, base: desk.tell(base.question, "en/printers")),
    "add_synonyms": ("agent", "synonyms", "added", lambda desk, base: desk.add_synonyms(["Bartholomew", "printer"])),
    "assume": ("lead", "assumption", "changed", lambda desk, base: desk.assume("handling_minutes", 30)),
    "acknowledge": ("agent", "question", "acknowledge", lambda desk, base: desk.acknowledge(base.question)),
    "reply": ("agent", "question", "reply", lambda desk, base: desk.reply(base.question, f"So {SAID}?")),
    "close_question": ("agent", "question", "close", lambda desk, base: desk.close_question(base.question)),
    "draft_question": ("agent", "question", "draft", lambda desk, base: desk.draft_question(base.question)),
    "export_person": ("agent", "person", "exported", lambda desk, base: desk.export_person(contact="anna@example.com")),
    "erase_person": ("lead", "erasure", "erase", lambda desk, base: desk.erase_person(contact="anna@example.com")),
    "note_export": ("agent", "file", "exported", lambda desk, base: desk.note_export("gaps.csv")),
}  # fmt: skip
WRITING_READS = {
    "shelf", "read", "open", "on_disk", "preview", "replay", "gap_of", "comments", "has_history", "revisions", "text_at",
    # What is typed is kept every few seconds, for nobody but who types it.
    "keep",
}  # fmt: skip
REFUND_ID, DRAFT_ID = "en/refund", "en/seashells"
WRITING_ACTS = {
    "create": ("agent", "created", lambda desk, version: desk.create("how_to", "en", title="Pearls", folder="en")),
    "begin": ("agent", "created", lambda desk, version: desk.begin("en/pearls", DRAFT)),
    "discard": ("agent", "discarded", lambda desk, version: desk.discard(DRAFT_ID)),
    "save": ("agent", "saved", lambda desk, version: desk.save(DRAFT_ID, f"{DRAFT}\nMore.\n", version=version(DRAFT_ID))),
    "move": ("agent", "moved", lambda desk, version: desk.move(DRAFT_ID, DRAFT, "review", version=version(DRAFT_ID))),
    "publish": ("lead", "published", lambda desk, version: desk.publish(DRAFT_ID, DRAFT, version=version(DRAFT_ID), alone=True)),
    "rename": ("agent", "renamed", lambda desk, version: desk.rename(DRAFT_ID, "en/shells", version=version(DRAFT_ID))),
    "add_image": ("agent", "image_added", lambda desk, version: desk.add_image(DRAFT_ID, "shell.png", png())),
    "comment": ("agent", "commented", lambda desk, version: desk.comment(DRAFT_ID, SAID)),
    "resolve": ("agent", "comment_resolved", lambda desk, version: desk.resolve(1)),
    "restore": ("agent", "restored", lambda desk, version: desk.restore(REFUND_ID, desk.revisions(REFUND_ID)[-1], version=version(REFUND_ID))),
}  # fmt: skip


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (2, 2)).save(file, "PNG")
    return file.getvalue()


def add_team(settings) -> None:
    accounts = Accounts(settings.database, hasher=CHEAP)
    for role, name in TEAM.items():
        accounts.add(name, role, PASSWORD)


def lines(settings, **wanted):
    with read(settings.database) as database:
        return read_audit(database, **wanted)


def public(desk: type) -> set[str]:
    return {name for name, _ in inspect.getmembers(desk, lambda one: inspect.isfunction(one) or isinstance(one, property)) if not name.startswith("_")}


class Clock:
    def __init__(self) -> None:
        self.moment = utc_now() - timedelta(hours=5)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def asked_before(tmp_path_factory, prepared_model):
    """Customers failed to find out about their printer and their invoices, and one asked the team; copied for each test."""
    folder, clock = tmp_path_factory.mktemp("audited"), Clock()
    settings = Settings(articles=folder / "articles", data=folder / "data", model=str(prepared_model))
    (settings.articles / "en").mkdir(parents=True)
    (settings.articles / "en" / "password.md").write_text("# Reset your password\n\nPress *Forgot password*.\n", "utf-8")
    knowledge = open_knowledge_base(settings, now=clock)
    knowledge.index()
    for place, text in enumerate((SAID, f"{SAID} at all", "my printer prints nothing", "how can I get my invoice", "where is my invoice") * 2):
        knowledge.search(text, visit=Visit(f"visit {place}", f"10.0.0.{place}"))
        clock.moment += timedelta(minutes=3)
    knowledge.ask_team(SAID, visit=Visit("anna", "10.0.1.1"), contact="anna@example.com", consent=True)
    clock.moment += timedelta(hours=2)
    knowledge.update_gaps()
    add_team(settings)
    return settings


@pytest.fixture
def base(asked_before, tmp_path):
    """That base, with one of its two gaps closed; the log is empty but for how it came about."""
    for name in ("articles", "data"):
        shutil.copytree(getattr(asked_before, name), tmp_path / name)
    settings = replace(asked_before, articles=tmp_path / "articles", data=tmp_path / "data")
    knowledge = open_knowledge_base(settings)
    desk = knowledge.desk(Account("Lee", "lead"))
    printer, invoice = sorted(desk.gaps(), key=lambda gap: "printer" not in gap.title_en)
    desk.close(invoice.id, "checked")
    items = [wording.items[0] for wording in desk.gap(printer.id).wordings]
    return SimpleNamespace(knowledge=knowledge, settings=settings, gap=printer.id, other=invoice.id, closed=invoice.id, items=items, question=1)


@pytest.fixture
def team(tmp_path):
    """Articles in Git: one published and changed since, one draft with a comment and with unsaved text of Ada's and Lee's."""
    (tmp_path / "team").mkdir()
    knowledge = WritingKnowledge(tmp_path / "team")
    add_team(knowledge.settings)
    knowledge.write("en/refund.md", REFUND)
    knowledge.write("en/seashells.md", DRAFT)
    knowledge.git("init", "--quiet")
    for text in (REFUND, REFUND.replace("14", "30")):
        knowledge.write("en/refund.md", text)
        knowledge.git("add", ".")
        knowledge.git("commit", "--quiet", "--message", "Import")
    desk = knowledge.writing_desk(Account("Lee", "lead"))
    desk.comment(DRAFT_ID, "Name the beach.")
    for role in ("agent", "lead"):
        knowledge.writing_desk(Account(TEAM[role], role)).keep(DRAFT_ID, SAID, base_version=None)
    yield knowledge
    knowledge._renderer.close()


def last_line(settings, before) -> tuple:
    """The one line that came since there were `before`."""
    now = lines(settings, limit=None)
    assert len(now) == before + 1, [(line.subject, line.action) for line in now[: len(now) - before]]
    return now[0].account, now[0].role, now[0].subject, now[0].action


# Every action of the team


def test_every_method_of_the_desk_either_acts_or_only_reads():
    assert public(Desk) == DESK_READS | set(DESK_ACTS)


def test_every_method_of_the_writing_desk_either_acts_or_only_reads():
    assert public(WritingDesk) == WRITING_READS | set(WRITING_ACTS)


@pytest.mark.parametrize("name", DESK_ACTS)
def test_each_act_of_the_desk_leaves_one_line_with_who_did_it_and_nothing_that_a_customer_said(base, name):
    role, subject, action, act = DESK_ACTS[name]
    before = len(lines(base.settings, limit=None))
    act(base.knowledge.desk(Account(TEAM[role], role)), base)
    assert last_line(base.settings, before) == (TEAM[role], role, subject, action)
    assert action in ACTIONS[subject]
    assert "bartholomew" not in " ".join(f"{line.subject_id} {line.detail}" for line in lines(base.settings)).lower()


@pytest.mark.parametrize("name", WRITING_ACTS)
def test_each_act_of_the_writing_desk_leaves_one_line_with_who_did_it(team, name):
    role, action, act = WRITING_ACTS[name]
    before, desk = len(lines(team.settings, limit=None)), team.writing_desk(Account(TEAM[role], role))
    act(desk, lambda article: desk.read(article).version)
    assert last_line(team.settings, before) == (TEAM[role], role, "article", action)
    assert action in ACTIONS["article"]
    assert "bartholomew" not in lines(team.settings)[0].detail.lower()


def test_reading_leaves_no_line(base, team):
    for settings, look in (
        (base.settings, lambda: base.knowledge.desk(Account("Ada", "agent")).count_person(contact="anna@example.com")),
        (base.settings, lambda: base.knowledge.desk(Account("Ada", "agent")).gap(base.gap)),
        (base.settings, lambda: base.knowledge.desk(Account("Ada", "agent")).questions()),
        (base.settings, lambda: base.knowledge.lead_desk(Account("Lee", "lead")).products()),
        (base.settings, lambda: base.knowledge.audit_desk(Account("Root", "administrator")).lines()),
        (team.settings, lambda: team.writing_desk(Account("Ada", "agent")).open(DRAFT_ID)),
        (team.settings, lambda: team.writing_desk(Account("Ada", "agent")).keep(DRAFT_ID, "typed", base_version=None)),
    ):
        before = lines(settings)
        look()
        assert lines(settings) == before


def test_what_a_customer_does_leaves_no_line(base):
    before = lines(base.settings)
    question = base.knowledge.ask_team("another one", visit=Visit("bo", "10.0.1.2"))
    base.knowledge.settle_question(question.reference, solved=True, visit=Visit("bo", "10.0.1.2"))
    base.knowledge.erase_person(session="anna")
    assert lines(base.settings) == before


def test_a_publication_that_closes_its_gap_later_is_one_line(team):
    """The index tells later whether the gap is closed; that is in the gap's history, and nobody did it at that moment."""
    with write(team.settings.database) as database:
        database["gaps"].insert({"id": 7, "created_at": "2026-01-01", "updated_at": "2026-01-01"})
    desk = team.writing_desk(Account("Lee", "lead"))
    before = len(lines(team.settings, limit=None))
    desk.publish(DRAFT_ID, DRAFT, version=desk.read(DRAFT_ID).version, alone=True, gap=7)
    assert last_line(team.settings, before) == ("Lee", "lead", "article", "published")
    assert lines(team.settings)[0].detail.startswith("alone, text: ")


def test_a_published_text_that_is_restored_is_one_line(team):
    desk = team.writing_desk(Account("Ada", "agent"))
    before = len(lines(team.settings, limit=None))
    desk.restore(REFUND_ID, desk.revisions(REFUND_ID)[-1], version=desk.read(REFUND_ID).version)
    assert last_line(team.settings, before) == ("Ada", "agent", "article", "restored")


def test_what_is_refused_leaves_no_line_and_what_cannot_be_recorded_is_not_done(team):
    desk = team.writing_desk(Account("Ada", "agent"))
    before = lines(team.settings)
    with pytest.raises(EditConflict):
        desk.save(DRAFT_ID, f"{DRAFT}More.\n", version="another")
    assert lines(team.settings) == before
    version = desk.read(DRAFT_ID).version
    with write(team.settings.database) as database:
        database.execute("drop trigger audit_chain_keeps_rows")
        database.execute("delete from audit_chain")
    with pytest.raises(DatabaseError, match="the audit log has lost its end"):
        desk.save(DRAFT_ID, f"{DRAFT}More.\n", version=version)
    with pytest.raises(DatabaseError):
        desk.begin("en/pearls", DRAFT)
    assert team.read("en/seashells.md") == DRAFT and not (team.settings.articles / "en" / "pearls.md").exists()


def test_everything_that_is_recorded_has_words_in_both_languages():
    for lang in ("en", "zh"):
        t = Messages(lang)
        said = [say_action(t, subject, action) for subject, actions in ACTIONS.items() for action in actions]
        assert len(set(said)) == len(said)
    assert say_action(Messages("en"), "gap", "<b>eaten</b>") == "gap <b>eaten</b>"


def test_details_are_told_in_the_readers_language_and_names_stay_as_they_are(base):
    for subject, action, detail in (
        ("article", "moved", "draft -> review, text: 0123"), ("account", "role_set", "lead: agent -> lead"), ("person", "exported", "by: contact, questions: 1"),
        ("gap", "dismissed", "too_rare"), ("file", "exported", "text"),
    ):  # fmt: skip
        Audited(base.settings.database, "Ada").note(action, subject, detail=detail)
    newest = reversed(lines(base.settings, limit=5))
    assert [[say_detail(Messages(lang), line) for lang in ("en", "zh")] for line in newest] == [
        ["Draft → In review, text: 0123", "草稿 → 审核中, 正文: 0123"], ["lead: agent → lead", "lead: 客服 → 主管"],
        ["found by: contact, questions: 1", "查找依据: 联系方式, 提问: 1"], ["too rare", "太少见"], ["text", "text"],
    ]  # fmt: skip


# Files that are taken along


@pytest.fixture
def sign_in(base, monkeypatch):
    """From now on the account of that role is at the page, with a sign-in of its own."""
    hold_knowledge(base.knowledge)
    accounts = Accounts(base.settings.database, hasher=CHEAP)

    def as_role(role: str) -> str:
        token = accounts.sign_in(TEAM[role], PASSWORD, address="127.0.0.1")
        monkeypatch.setattr(type(st.context), "cookies", {STAFF_COOKIE: token})
        return token

    as_role.accounts = accounts
    return as_role


@pytest.fixture
def pressed(monkeypatch):
    """What each button of a file runs when it is pressed, which is after the page and outside of it."""
    takes = {}
    monkeypatch.setattr(st, "download_button", lambda words, take, name, *media, **how: takes.update({name: take}))
    return takes


def test_a_file_is_recorded_when_it_is_taken_and_not_when_it_is_offered(base, sign_in, pressed):
    sign_in("lead")
    before = len(lines(base.settings, limit=None))
    offer_files(Messages("en"), [{"a": 1}], ["a"], name="weeks", title="Weeks")
    assert len(lines(base.settings, limit=None)) == before
    assert pressed["weeks.csv"]().split() == ["\ufeffa", "1"]
    assert last_line(base.settings, before) == ("Lee", "lead", "file", "exported")
    pressed["weeks.xlsx"]()
    assert [line.subject_id for line in lines(base.settings, limit=2)] == ["weeks.xlsx", "weeks.csv"]


def test_who_is_signed_out_or_has_lost_the_role_gets_no_file_from_a_page_that_is_still_open(base, sign_in, pressed):
    token = sign_in("lead")
    offer_files(Messages("en"), [{"a": 1}], ["a"], name="weeks", title="Weeks")
    sign_in.accounts.set_role("Lee", "agent")
    with pytest.raises(NotAllowed):
        pressed["weeks.csv"]()
    sign_in.accounts.set_role("Lee", "lead")
    sign_in.accounts.sign_out(token)
    with pytest.raises(NotAllowed):
        pressed["weeks.csv"]()
    assert not lines(base.settings, subject="file")


def test_a_persons_data_is_recorded_by_how_much_it_was_and_not_by_whose(base, sign_in, pressed):
    sign_in("agent")
    page = open_page("records")
    page.text_input(key="contact").set_value("anna@example.com")
    page.button[0].click().run()
    assert "1 question" in words(page) and not lines(base.settings, subject="person")
    assert SAID in pressed["person.json"]()
    [line] = lines(base.settings, subject="person")
    assert (line.account, line.action, line.subject_id, line.detail) == ("Ada", "exported", "", "by: contact, questions: 1")


# The page


def shown(page) -> list[str]:
    table = re.search(r"<tbody.*?</tbody>", words(page), re.DOTALL)
    return [" ".join(re.sub(r"<[^>]*>", " ", row).split()) for row in re.findall(r"<tr.*?</tr>", table[0], re.DOTALL)] if table else []


def test_a_lead_is_told_that_the_role_is_not_enough_and_sees_no_line(base, sign_in):
    sign_in("lead")
    page = open_page("audit")
    assert "Your account may not do this" in words(page) and not shown(page)
    assert 'href="/audit"' not in words(page)
    with pytest.raises(StaffOnly):
        base.knowledge.audit_desk(Account("Lee", "lead"))
    with pytest.raises(StaffOnly):
        AuditDesk(None, base.settings)


def test_a_lead_cannot_read_with_a_desk_that_was_an_administrators(base):
    desk = base.knowledge.audit_desk(Account("Root", "administrator"))
    desk._account = Account("Lee", "lead")
    for read_it in (desk.choices, desk.lines, desk.check):
        with pytest.raises(StaffOnly):
            read_it()


def test_an_administrator_sees_who_did_what_newest_first_and_that_the_log_is_whole(base, sign_in):
    base.knowledge.desk(Account("Ada", "agent")).assign(base.gap, "Lee", due="2026-12-01")
    sign_in("administrator")
    page = open_page("audit")
    rows = shown(page)
    assert rows[0].startswith("Signed in #3 Root administrator ")
    assert rows[1].startswith(f"Assigned a gap #{base.gap} Ada agent ") and rows[1].endswith("Lee, 2026-12-01")
    assert f'href="/gap?id={base.gap}"' in words(page) and 'href="/audit" target="_self" aria-current="page"' in words(page)
    assert f"The log is whole: all {len(rows)} lines are as they were written." in words(page)
    assert shown(open_page("audit", locale="zh-CN"))[1].startswith(f"分配了缺口 #{base.gap} Ada 客服 ")


def test_the_log_is_narrowed_as_the_address_says(base, sign_in):
    sign_in("administrator")
    Audited(base.settings.database, "Ada", now=lambda: utc_now() - timedelta(days=10)).note("saved", "article", "en/x")
    Audited(base.settings.database, "Ada").note("saved", "article", "en/y")
    assert [row.split()[3] for row in shown(open_page("audit", did="article.saved"))] == ["en/y", "en/x"]
    assert len(shown(open_page("audit", did="article.saved", days="7"))) == 1
    assert {row.split(" Lee ")[0] for row in shown(open_page("audit", who="Lee"))} == {f"Closed a gap by hand #{base.closed}"}
    assert "Nothing is recorded in this selection." in words(open_page("audit", who="Lee", did="article.saved"))
    everything = shown(open_page("audit"))
    assert shown(open_page("audit", who="nobody", did="gap", days="-1", before="x")) == everything


def test_another_choice_goes_into_the_address_and_begins_at_its_newest_line(base, sign_in):
    sign_in("administrator")
    page = open_page("audit", before="3")
    assert len(shown(page)) == 2 and ">Newest</a>" in words(page)
    page.selectbox(key="choose who").set_value("Lee").run()
    assert page.query_params == {"who": "Lee"} and len(shown(page)) == 1


def test_more_than_fifty_lines_are_turned_by_links_that_keep_the_choice(base, sign_in):
    sign_in("administrator")
    for number in range(60):
        Audited(base.settings.database, "Ada").note("saved", "article", f"en/{number}")
    page = open_page("audit", who="Ada")
    assert len(shown(page)) == 50 and "en/59" in shown(page)[0]
    [older] = re.findall(r'href="/audit\?who=Ada&amp;before=(\d+)"', words(page))
    page = open_page("audit", who="Ada", before=older)
    assert len(shown(page)) == 10 and "en/9" in shown(page)[0] and ">Older</a>" not in words(page)


def test_a_log_that_was_tampered_with_says_where_and_what_stands_there_is_no_markup(base, sign_in):
    sign_in("administrator")
    with write(base.settings.database) as database:
        database.execute("drop trigger audit_keeps_lines")
        database.execute("update audit set account = '<img src=x>', at = 'never' where id = 2")
    page = open_page("audit")
    assert "line 2 is changed, missing or out of place" in words(page) and "&lt;img src=x&gt;" in words(page) and "<img" not in words(page)
    assert "第 2 条被修改、缺失或错位" in words(open_page("audit", locale="zh-CN"))


def test_all_lines_that_are_chosen_are_taken_along_as_csv_and_that_is_recorded(base, sign_in, pressed):
    sign_in("administrator")
    for number in range(60):
        Audited(base.settings.database, "Ada").note("saved", "article", f"=cmd|{number}")
    open_page("audit", who="Ada", days="28")
    rows = list(csv.DictReader(io.StringIO(pressed["audit.csv"]().removeprefix("\ufeff"))))
    assert len(rows) == 60 and rows[0]["subject_id"] == "'=cmd|59" and len(rows[0]["hash"]) == 64
    assert lines(base.settings, limit=1)[0].subject_id == "audit.csv"
    with read(base.settings.database) as database:
        assert verify(database).sound
