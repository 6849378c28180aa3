"""`kb demo` fills a folder of its own through the services that people use, says that it did, and touches nothing else."""

import ast
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback.demonstration import is_demonstration, mark_demonstration
from feedback.gap_list import GapFilter
from feedback.health import measure_availability
from feedback.periods import Period
from kb.accounts import Account, Accounts
from kb.article_history import ArticleHistory
from kb.articles import parse_article
from kb.database import migrate, read
from kb.settings import Settings
from portal.current import hold_knowledge
from portal.demo import BEAT, Demonstration
from portal.demo_folder import MARKER, DemoRefused, make_folder
from portal.demo_script import BEGINNINGS, LANGS, read_script
from portal.demo_team import AGENTS, LEAD, SIGN_IN
from tests.portal.app_pages import open_page, words
from tests.portal.demo_script_files import write_script
from tests.portal.fake_knowledge import FakeKnowledge

ROOT = Path(__file__).parents[2]
END = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
STAFF = Account("Ruth", "lead")


def demonstrate(folder, script, model, *, seed=1):
    make_folder(folder, replace=False, configured=Settings())
    demonstration = Demonstration(folder, Settings(model=str(model)), script, weeks=2, end=END)
    knowledge = demonstration.index()
    return knowledge, demonstration.run(knowledge, seed=seed, visits_a_week=45)


@pytest.fixture(scope="module")
def script(tmp_path_factory):
    return write_script(tmp_path_factory.mktemp("script"))


@pytest.fixture(scope="module")
def made(tmp_path_factory, script, prepared_model):
    """(folder, its knowledge base, the report) of two weeks."""
    folder = tmp_path_factory.mktemp("demos") / "demo"
    return folder, *demonstrate(folder, script, prepared_model)


# What it holds


def test_it_fills_the_pages_of_gaps_with_an_open_one_and_one_that_was_closed_with_a_proof_that_holds(made):
    _, knowledge, report = made
    desk = knowledge.desk(STAFF)
    gaps = desk.gaps(GapFilter(state="all", days=60))
    closed = [gap for gap in gaps if gap.state == "closed"]
    assert report.closed == len(closed) >= 1
    assert any(gap.state in ("open", "assigned") for gap in gaps)
    assert [proof.state for proof in desk.proofs(closed[0].id)] == ["held"]
    assert knowledge.search("printer does not print").hits[0].article == "en/devices/printer"
    assert knowledge.test_standing(again=True).searches > 0


def test_customers_were_helped_or_not_and_asked_the_team_which_took_its_time(made):
    _, knowledge, report = made
    desk = knowledge.desk(STAFF)
    service = desk.self_service(days=15)
    assert service.confirmed and service.unresolved
    questions = desk.questions(limit=100).questions
    assert len(questions) == sum(report.questions.values()) >= 3
    answered = [question for question in questions if question.reply]
    assert answered and all(question.created_at < question.acknowledged_at <= question.answered_at for question in answered)
    assert any(question.rating for question in questions)


def test_customers_searched_in_both_languages_and_staff_and_programs_are_told_apart(made):
    _, knowledge, report = made
    with read(knowledge.settings.database) as database:
        counts = dict(database.execute("select lang, count(*) from searches group by lang").fetchall())
        outcomes = {outcome for (outcome,) in database.execute("select distinct outcome from searches").fetchall()}
        span = database.execute("select min(created_at), max(created_at) from searches").fetchone()
    assert counts["en"] > 10 and counts["zh"] > 10 and sum(counts.values()) <= report.searches
    assert {"answered", "failed"} <= outcomes
    assert span[0].startswith("2026-11-0") and span[1].startswith("2026-11-20")


def test_the_portal_s_own_record_has_one_outage_of_less_than_an_hour(made):
    _, knowledge, _ = made
    with read(knowledge.settings.database) as database:
        found = measure_availability(database, Period(date(2026, 11, 7), date(2026, 11, 20), ZoneInfo("UTC")), now=END, every=BEAT)
    (outage,) = found.outages
    assert 40 <= outage.seconds / 60 < 60


def test_articles_were_written_in_the_names_of_simulated_staff_and_their_history_says_so(made):
    folder, _, _ = made
    article = parse_article((folder / "articles/en/devices/printer.md").read_text("utf-8"), id="en/devices/printer")
    assert article.status == "published" and {article.extra["submitted_by"], article.extra["reviewed_by"]} <= {LEAD, *AGENTS}
    assert {revision.author for revision in ArticleHistory(folder / "articles").revisions("en/devices/printer.md")} <= {LEAD, *AGENTS}


def test_only_the_account_that_is_told_can_be_signed_in_with_and_its_password_is_random(made):
    _, knowledge, report = made
    accounts = Accounts(knowledge.settings.database)
    assert accounts.account_of(accounts.sign_in(SIGN_IN, report.password, address="127.0.0.1")) == Account(SIGN_IN, "lead")
    assert {account.name for account in accounts.list()} == {SIGN_IN, LEAD, *AGENTS}
    assert len(report.password) >= 16


# Where it is written


def test_the_database_and_the_knowledge_base_say_that_it_is_a_demonstration(made, tmp_path):
    folder, knowledge, _ = made
    assert (folder / MARKER).is_file() and is_demonstration(folder / "data" / "kb.sqlite") and knowledge.is_demonstration
    migrate(tmp_path / "kb.sqlite")
    assert not is_demonstration(tmp_path / "kb.sqlite") and not is_demonstration(tmp_path / "nothing.sqlite")
    mark_demonstration(tmp_path / "kb.sqlite", END)
    assert is_demonstration(tmp_path / "kb.sqlite")


def test_a_folder_that_holds_anything_is_refused_and_keeps_it(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    for replace in (False, True):
        with pytest.raises(DemoRefused, match="name another folder"):
            make_folder(tmp_path, replace=replace, configured=Settings())
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_an_earlier_demonstration_is_replaced_only_when_asked_and_loses_nothing_but_its_own(tmp_path):
    make_folder(tmp_path, replace=False, configured=Settings())
    (tmp_path / "data").mkdir()
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DemoRefused, match="--force"):
        make_folder(tmp_path, replace=False, configured=Settings())
    make_folder(tmp_path, replace=True, configured=Settings())
    assert sorted(file.name for file in tmp_path.iterdir()) == [MARKER, "notes.txt"]


@pytest.mark.parametrize("data", ["demo", "demo/data", "."])
def test_the_configured_data_folder_is_never_written_to(tmp_path, data):
    with pytest.raises(DemoRefused, match="KB_DATA"):
        make_folder(tmp_path / "demo", replace=True, configured=Settings(articles=tmp_path / "elsewhere", data=tmp_path / data))
    assert not (tmp_path / "demo").exists()


def test_the_command_names_the_folder_that_it_will_not_fill(warm_kb, tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    told = warm_kb("demo", str(tmp_path), environment={"KB_DATA": str(tmp_path / "data-of-mine")})
    assert told.returncode == 1 and str(tmp_path) in told.stderr and "name another folder" in told.stderr


def test_nothing_of_it_writes_to_the_database_itself():
    for module in sorted(ROOT.glob("portal/demo*.py")):
        names = {node.module for node in ast.walk(ast.parse(module.read_text("utf-8"))) if isinstance(node, ast.ImportFrom)}
        assert not names & {"kb.database", "sqlite_utils", "feedback.schema"}, module.name


# What it says of itself


@pytest.mark.parametrize(("locale", "said"), [("en-US", "Demonstration: customers"), ("zh-CN", "演示站点")])
def test_every_page_says_that_what_it_shows_is_simulated(locale, said):
    hold_knowledge(FakeKnowledge(is_demonstration=True))
    assert said in words(open_page("home", locale=locale))
    hold_knowledge(FakeKnowledge())
    assert said not in words(open_page("home", locale=locale))


def test_the_sign_in_and_the_page_for_a_wrong_address_say_so_too():
    from starlette.testclient import TestClient

    from portal.server import build_app

    fake = FakeKnowledge(is_demonstration=True)
    fake.warm_up = lambda: None
    hold_knowledge(fake)
    with TestClient(build_app(fake.settings)) as client:
        for path in ("/sign-in", "/no-such-page", "/browse"):
            assert "Demonstration: customers" in client.get(path, headers={"accept-language": "en"}).text


# The script that ships


@pytest.fixture(scope="module")
def shipped():
    return read_script()


def test_every_topic_is_asked_for_in_both_languages_and_none_in_the_words_of_a_title(shipped):
    titles = {
        parse_article(file.read_text("utf-8"), id=file.stem).title.casefold()
        for folder in (ROOT / "articles", ROOT / "portal" / "demo" / "articles") for file in folder.rglob("*.md")
    }  # fmt: skip
    asked = [text for each in shipped.topics.values() for texts in each.values() for text in texts]
    assert all(set(each) == set(LANGS) and min(map(len, each.values())) >= 2 for each in shipped.topics.values())
    assert [text for text in asked if text.casefold() in titles] == []
    assert len({text.casefold() for text in asked}) == len(asked)


def test_every_question_names_an_article_that_is_there_and_every_other_has_a_reply(shipped):
    unwritten = [name for name in shipped.topics if not shipped.is_written(name)]
    there = [name for name in shipped.topics if all((ROOT / "articles" / lang / f"{name}.md").is_file() for lang in LANGS)]
    assert len(there) >= 100 and len(shipped.topics) - len(there) >= 12
    assert all(set(shipped.replies[name]) == set(LANGS) for name in unwritten)
    assert all(shipped.plot_of[name].begins == "missing" for name in shipped.topics if name not in there)


def test_the_story_can_be_told(shipped):
    for plot in shipped.plots:
        assert plot.topic in shipped.topics and plot.begins in BEGINNINGS
        assert {plot.by, plot.checked_by} - {""} <= {LEAD, *AGENTS} and (not plot.checked_by or plot.by != plot.checked_by)
        if plot.taken_up is not None:
            assert plot.by and shipped.is_written(plot.topic)
        for lang in LANGS if plot.begins in ("unhelpful", "unfindable") else ():
            assert parse_article(shipped.draft(plot.topic, lang), id=f"{lang}/{plot.topic}").title
