"""When too many search at once, readers are told so in their language, with a way to try again, and nobody is told of a fault."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from kb.errors import Busy
from kb.settings import Settings
from portal.busy import BUSY_HANDLERS
from portal.current import hold_knowledge
from tests.portal.app_pages import open_page, words
from tests.portal.fake_knowledge import FakeKnowledge


class CrowdedKnowledge(FakeKnowledge):
    """Turns searches away while it is `full`, and answers by words alone while it is `crowded`."""

    full = crowded = False

    def search(self, text, **narrowed):
        if self.full:
            raise Busy(3)
        answer = super().search(text, **narrowed)
        return replace(answer, degraded=self.crowded)


@pytest.fixture
def knowledge():
    fake = CrowdedKnowledge()
    hold_knowledge(fake)
    return fake


def search(text, *, locale="en-US"):
    page = open_page("home", locale=locale)
    page.text_input[0].set_value(text).run()
    return page


@pytest.mark.parametrize(
    ("locale", "said", "button"),
    [("en-US", "The help centre is very busy right now", "Try again"), ("zh-CN", "帮助中心现在很忙", "再试一次")],
)
def test_who_is_turned_away_is_told_politely_keeps_the_question_and_can_try_again(knowledge, caplog, locale, said, button):
    knowledge.full = True
    page = search("refund", locale=locale)
    shown = words(page)
    assert said in shown and 'role="status"' in shown
    assert "cannot answer" not in shown and "暂时无法回答" not in shown
    assert [record.levelname for record in caplog.records if "too many searches" in record.getMessage()] == ["WARNING"]
    assert page.text_input[0].value == "refund" and page.button(key="busy_again").label == button
    knowledge.full = False
    page.button(key="busy_again").click().run()
    assert "Get a refund" in words(page) and said not in words(page)


@pytest.mark.parametrize(
    ("locale", "said", "button"),
    [
        ("en-US", "we looked only for the words you typed. In a moment there may be better results.", "Search again"),
        ("zh-CN", "这次只按您输入的字词查找。稍后再搜，结果可能更好。", "重新搜索"),
    ],
)
def test_results_by_words_alone_say_that_there_may_be_better_ones_in_a_moment(knowledge, locale, said, button):
    knowledge.crowded = True
    page = search("refund", locale=locale)
    assert said in words(page) and "Get a refund" in words(page)
    assert page.button(key="degraded_again").label == button
    knowledge.crowded = False
    page.button(key="degraded_again").click().run()
    assert said not in words(page) and "Get a refund" in words(page)


def test_an_answer_by_words_alone_is_not_kept_and_a_full_one_is(knowledge):
    knowledge.crowded = True
    page = search("refund")
    knowledge.crowded = False
    page.run()
    page.run()
    assert knowledge.searches == ["refund", "refund"]


def test_unsure_results_by_words_alone_are_not_excused_twice(knowledge):
    knowledge.crowded = True
    assert "We are not sure" not in words(search("perhaps"))


def test_an_address_without_a_page_answers_503_and_when_to_come_back():
    def turn_away(_):
        raise Busy(3)

    client = TestClient(Starlette(routes=[Route("/", turn_away)], exception_handlers=BUSY_HANDLERS))
    answer = client.get("/")
    assert (answer.status_code, answer.headers["retry-after"], answer.headers["cache-control"]) == (503, "3", "no-store")
    assert answer.text == "too many searches at this moment; try again in 3 s\n"


def test_the_command_says_it_in_one_line(monkeypatch, capsys):
    from portal.command import main
    from portal.commands import search as part

    def turn_away(*_, **__):
        raise Busy(3)

    monkeypatch.setattr(part, "open_chosen", lambda **_: SimpleNamespace(search=turn_away))
    with pytest.raises(SystemExit) as ended:
        main(["search", "refund"])
    assert ended.value.code == 1
    assert capsys.readouterr().err == "kb: too many searches at this moment; try again in 3 s\n"


def test_the_portal_may_hold_as_many_files_open_as_the_system_lets_it():
    import resource

    from portal.server import OPEN_FILES, allow_open_files

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        allow_open_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (min(OPEN_FILES, before[1]), before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_portal_that_cannot_begin_ends_and_says_so(monkeypatch, tmp_path, capsys):
    from portal import knowledge, server

    async def fail(scope, receive, send):
        raise ValueError("wrong")

    monkeypatch.setattr(server, "build_app", lambda settings: fail)
    monkeypatch.setattr(server.bootstrap, "load_config_options", lambda options: None)
    monkeypatch.setattr(knowledge, "open_knowledge_base", lambda settings: FakeKnowledge(settings=settings))
    (tmp_path / "data").mkdir()
    # In a thread of its own: other tests leave a browser's event loop running in this one.
    with ThreadPoolExecutor(1) as pool, pytest.raises(SystemExit) as ended:
        pool.submit(server.serve, Settings(data=tmp_path / "data", port=0)).result()
    assert ended.value.code and "ValueError: wrong" in capsys.readouterr().err
