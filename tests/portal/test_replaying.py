"""A gap is closed with proof: drafts are replayed on what customers searched, and what was closed is tested for as long as it stays closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedback.audience import Visit
from feedback.proofs import Proofs, ReplayRefused, read_proofs
from kb.accounts import Account
from kb.articles import parse_article
from kb.database import read
from kb.settings import Settings
from portal.knowledge import open_knowledge_base

AGENT = Account("ada", "agent")
ARTICLES = {
    "en/refunds.md": "# How do I get my money back?\n\nRefunds arrive within five working days.\n\n## Ask for a refund\n\n1. Open your order.\n2. Press **Refund**.\n",
    "en/password.md": "# Reset your password\n\nOpen the sign-in page and press *Forgot password*. A link is sent by e-mail.\n",
    "zh/password.md": "# 重置密码\n\n打开登录页面，点击“忘记密码”，邮件里会有一个链接。\n",
    "en/certificate.md": "# Certificate warning in the browser\n\nInstall the intermediate certificate on the server.\n",
    "en/seats.md": "# Add seats to your plan\n\nOpen billing and raise the number of seats.\n",
    "en/export.md": "# Export your data as CSV\n\nOpen settings and press *Export*.\n",
}
FAILED = ("printer does not print labels", "label printer prints nothing", "labels are not printed", "标签打印机打不出来")
GOOD = "---\nstatus: draft\n---\n# The label printer prints nothing\n\nLabels are not printed when the queue is paused. 标签打印机\n\n1. Open the print queue.\n2. Press *Resume*.\n"
OTHER = "---\nstatus: draft\n---\n# Opening hours of the office\n\nWe are there from nine to five.\n"
THIEF = "---\nstatus: draft\naliases: [I forgot my password, reset password link]\n---\n# I forgot my password\n\nI forgot my password. The label printer prints nothing, labels are not printed, printer does not print labels.\n"
HELPED = ("I forgot my password", "reset password link")


class Clock:
    def __init__(self) -> None:
        self.moment = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.moment


@pytest.fixture(scope="module")
def asked_before(tmp_path_factory, prepared_model):
    """A base in which customers failed to find out about their label printer, and others found how to reset their password; copied for each test."""
    folder = tmp_path_factory.mktemp("replaying")
    clock = Clock()
    settings = Settings(articles=folder / "articles", data=folder / "data", model=str(prepared_model))
    for name, text in ARTICLES.items():
        (settings.articles / name).parent.mkdir(parents=True, exist_ok=True)
        (settings.articles / name).write_text(text, "utf-8")
    knowledge = open_knowledge_base(settings, now=clock)
    knowledge.index()
    for place, text in enumerate(FAILED * 2):
        knowledge.search(text, visit=Visit(f"failed {place}", f"10.0.0.{place}"))
        clock.moment += timedelta(minutes=3)
    for place, text in enumerate(HELPED * 2):
        answer = knowledge.search(text, visit=Visit(f"helped {place}", f"10.0.1.{place}"))
        knowledge.record_open("en/password", session=f"helped {place}", search_id=answer.search_id)
        knowledge.vote("en/password", True, session=f"helped {place}", search_id=answer.search_id)
        clock.moment += timedelta(minutes=3)
    clock.moment += timedelta(hours=2)
    knowledge.update_gaps()
    return settings, clock


@pytest.fixture
def base(asked_before, tmp_path):
    """(knowledge, number of the printer gap) of a base that the test may change."""
    import shutil

    settings, clock = asked_before
    shutil.copytree(settings.articles, tmp_path / "articles")
    shutil.copytree(settings.data, tmp_path / "data")
    knowledge = open_knowledge_base(replace(settings, articles=tmp_path / "articles", data=tmp_path / "data"), now=clock)
    return knowledge, knowledge.desk(AGENT).gaps()[0].id


def write(knowledge, id, text):
    (knowledge.settings.articles / f"{id}.md").write_text(text, "utf-8")
    knowledge.index()


def publish(knowledge, gap, text=GOOD, *, id="en/label-printer", reason=""):
    """As an agent does: the replay is kept with the publication."""
    published = text.replace("status: draft", "status: published")
    hashed = parse_article(published, id=id).content_hash
    Proofs(knowledge.settings.database).keep(id, knowledge.replay(text, id, gap=gap), content_hash=hashed, gap=gap, reason=reason, account="ada")
    write(knowledge, id, published)


def state(knowledge, gap):
    return knowledge.desk(AGENT).gap(gap).gap.state


def test_a_draft_that_answers_the_gap_may_be_published(base):
    knowledge, gap = base
    replay = knowledge.replay(GOOD, "en/label-printer", gap=gap)
    assert replay.verdict == "closes" and replay.may_publish and replay.closes >= 0.6
    assert {each.before for each in replay.own} == {0} and sum(each.after == 1 for each in replay.own) >= 3
    assert sorted(each.text for each in replay.working) == sorted(HELPED) and replay.harmed == ()


def test_a_draft_about_something_else_is_refused_and_told_which_words_it_lacks(base):
    knowledge, gap = base
    replay = knowledge.replay(OTHER, "en/hours", gap=gap)
    assert not replay.may_publish and replay.verdict in ("not_found", "not_first", "unsure")
    (words,) = [advice.values for advice in replay.advice if advice.code == "words"]
    assert {"labels", "printer"} <= {word.lower() for word in words}


def test_a_draft_that_takes_a_working_search_away_is_refused_and_the_search_is_named(base):
    knowledge, gap = base
    replay = knowledge.replay(THIEF, "en/everything", gap=gap)
    assert replay.verdict == "harms"
    assert {each.text for each in replay.harmed} <= set(HELPED) and replay.harmed
    assert all(each.before == 1 and each.after > 1 and each.article == "en/password" for each in replay.harmed)


def test_without_a_gap_only_harm_counts(base):
    knowledge, _ = base
    assert knowledge.replay(OTHER, "en/hours").verdict == "harmless"
    assert knowledge.replay(THIEF, "en/everything").verdict == "harms"


def test_a_replay_publishes_nothing(base):
    knowledge, gap = base
    knowledge.replay(GOOD, "en/label-printer", gap=gap)
    assert "en/label-printer" not in [hit.article for hit in knowledge.search("label printer prints nothing").hits]
    assert not (knowledge.settings.articles / "en/label-printer.md").exists()


def test_a_draft_that_is_hidden_from_the_public_closes_nothing_and_is_told_why(base):
    knowledge, gap = base
    replay = knowledge.replay(GOOD.replace("---\nstatus", "---\nvisibility: internal\nstatus"), "en/label-printer", gap=gap)
    assert replay.verdict == "not_found"
    assert ("visibility", ("internal",)) in [(advice.code, advice.values) for advice in replay.advice]


def test_publishing_against_the_replay_takes_a_written_reason(base):
    knowledge, gap = base
    proofs, replay = Proofs(knowledge.settings.database), knowledge.replay(OTHER, "en/hours", gap=gap)
    with pytest.raises(ReplayRefused, match="reason"):
        proofs.keep("en/hours", replay, content_hash="", gap=gap, reason="ok", account="ada")
    proofs.keep("en/hours", replay, content_hash="", gap=gap, reason="the lead wants the hours online today", account="ada")
    with read(knowledge.settings.database) as database:
        (proof,) = read_proofs(database, gap=gap)
    assert (proof.account, proof.reason) == ("ada", "the lead wants the hours online today")


def test_the_gap_closes_by_itself_once_its_searches_find_the_published_article(base):
    knowledge, gap = base
    publish(knowledge, gap)
    detail = knowledge.desk(AGENT).gap(gap)
    assert detail.gap.state == "closed" and detail.gap.resolution.startswith("en/label-printer, ")
    answer = knowledge.search("label printer prints nothing")
    assert answer.hits[0].article == "en/label-printer" and answer.outcome != "failed"


def test_a_draft_that_is_saved_but_not_published_closes_nothing(base):
    knowledge, gap = base
    hashed = parse_article(GOOD, id="en/label-printer").content_hash
    Proofs(knowledge.settings.database).keep("en/label-printer", knowledge.replay(GOOD, "en/label-printer", gap=gap), content_hash=hashed, gap=gap, account="ada")
    write(knowledge, "en/label-printer", GOOD)
    assert state(knowledge, gap) == "drafted"


def test_a_closed_gap_reopens_when_its_article_is_archived(base):
    knowledge, gap = base
    publish(knowledge, gap)
    write(knowledge, "en/label-printer", GOOD.replace("status: draft", "status: archived"))
    detail = knowledge.desk(AGENT).gap(gap)
    assert detail.gap.state == "reopened"
    assert detail.history[0].action == "reopened" and detail.history[0].detail.startswith("test 0/")
    assert [found.id for found in knowledge.desk(AGENT).reopened_mine()] == [gap]
    assert gap in [found.id for found in knowledge.desk(AGENT).gaps()]


def test_a_closed_gap_stays_closed_when_its_article_moves(base):
    knowledge, gap = base
    publish(knowledge, gap)
    (knowledge.settings.articles / "en/label-printer.md").unlink()
    write(knowledge, "en/printing", GOOD.replace("status: draft", "status: published\nredirect_from: [en/label-printer]"))
    assert state(knowledge, gap) == "closed"


def test_the_standing_test_names_helpful_searches_that_lost_their_article(base):
    knowledge, _ = base
    assert knowledge.test_standing(again=True).lost == ()
    for name in ("en/password", "zh/password"):
        (knowledge.settings.articles / f"{name}.md").unlink()
    knowledge.index()
    lost = knowledge.test_standing(again=True).lost
    assert {(each.text, each.article, each.gap) for each in lost} == {(text, "en/password", None) for text in HELPED}


def test_the_command_exits_with_1_when_a_draft_should_not_be_published(base, warm_kb, tmp_path):
    knowledge, gap = base
    for name, text in (("good", GOOD), ("other", OTHER)):
        (tmp_path / f"{name}.md").write_text(text, "utf-8")
    environment = {f"KB_{name.upper()}": str(getattr(knowledge.settings, name)) for name in ("articles", "data", "model")}
    passed = warm_kb("replay", str(tmp_path / "good.md"), "--gap", str(gap), environment=environment)
    refused = warm_kb("replay", str(tmp_path / "other.md"), "--gap", str(gap), environment=environment)
    assert passed.returncode == 0 and "may be published" in passed.stdout
    assert refused.returncode == 1 and "does not close the gap" in refused.stdout and "lacks" in refused.stdout


def test_a_draft_that_is_only_a_title_is_not_written_yet(base):
    knowledge, gap = base
    from kb.article_templates import read_template

    for text in (read_template("how_to", "en", title="The label printer prints nothing"), "# The label printer prints nothing\n"):
        assert knowledge.replay(text, "en/label-printer", gap=gap).verdict == "unwritten"


def test_an_article_that_names_its_gap_and_comes_by_another_way_closes_it_too(base):
    knowledge, gap = base
    write(knowledge, "en/label-printer", GOOD.replace("status: draft", f"status: published\ngap: {gap}"))
    assert state(knowledge, gap) == "closed"


def test_an_article_that_names_a_gap_and_does_not_answer_it_leaves_it_open(base):
    knowledge, gap = base
    write(knowledge, "en/hours", OTHER.replace("status: draft", f"status: published\ngap: {gap}"))
    detail = knowledge.desk(AGENT).gap(gap)
    assert detail.gap.state == "open" and detail.history[0].action == "proof_failed"
