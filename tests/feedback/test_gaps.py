"""Evidence adds up to gaps, gaps keep what people decided, and their worth cannot be inflated by one person."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.audience import Visit
from feedback.costs import AssumptionError, Assumptions, estimate_costs, read_assumptions, write_assumption
from feedback.demand import PEOPLE_PER_ADDRESS, Ask, count_demand
from feedback.gap_kinds import Said, classify
from feedback.gap_list import GapFilter, list_gaps, read_gap
from feedback.gap_readings import Candidate, Reading
from feedback.gaps import GapError, Gaps
from feedback.history import read_steps
from feedback.keeper import GapKeeper
from feedback.moments import stamp
from feedback.query_vectors import fold_text
from feedback.questions import Questions
from feedback.retention import expire
from feedback.searches import SearchLog
from indexer.background import embed_background
from indexer.embedder import Embedder
from indexer.embeddings import token_codec
from indexer.store import write_background, write_state
from kb.database import read, write

INVOICE = ("where do I download my invoice", "download an invoice", "how to download invoices")
PRINTER = ("the printer does not print", "printer prints nothing", "打印机不打印", "printer is not printing")


class NoKinds:
    """Classifies nothing: kinds need an index, grouping does not."""

    def classify_changed(self, *, at):
        return 0


@pytest.fixture(scope="session")
def embedder(prepared_model):
    return Embedder(str(prepared_model))


@pytest.fixture(scope="session")
def background(embedder):
    return embed_background(embedder, token_codec(embedder.name, embedder.dimension))


@pytest.fixture
def base(database_path, embedder, background):
    """A database that knows the model and its background, as after `kb index`."""
    import indexer.schema  # noqa: F401
    from kb.database import migrate

    migrate(database_path)
    with write(database_path) as database:
        write_background(database, background)
        write_state(database, model=embedder.name, generation=1)
    return database_path


@pytest.fixture
def fail(base, clock, embedder, answer):
    """A failed search of a visit."""
    log = SearchLog(base, now=clock)

    def run(text, session, **visit):
        number = log.record(
            text=text, lang="zh" if not text.isascii() else "en", visit=Visit(session, **visit), source="portal",
            answer=answer(text, outcome="failed", confidence=0.1), model=embedder.name, vector=embedder.embed_query(text).token_mean,
        )  # fmt: skip
        clock.go_on(minutes=2)
        return number

    return run


@pytest.fixture
def keeper(base, clock, embedder):
    return GapKeeper(base, embedder, NoKinds(), now=clock)


@pytest.fixture
def gaps(base, clock, keeper):
    return Gaps(base, represent=keeper.represent, now=clock)


@pytest.fixture
def listed(base, clock):
    def run(**chosen):
        with read(base) as database:
            return list_gaps(database, GapFilter(**chosen), now=clock())

    return run


@pytest.fixture
def two_gaps(fail, keeper, clock, listed):
    """Invoices and printers, each failed for by several visits; the numbers of both gaps."""
    for number, text in enumerate(INVOICE):
        fail(text, f"invoice {number}")
    for number, text in enumerate(PRINTER):
        fail(text, f"printer {number}")
    clock.go_on(minutes=5)
    keeper.update()
    return {("invoice" if "invoice" in gap.title_en else "printer"): gap.id for gap in listed()}


def test_two_problems_in_two_languages_become_two_gaps(two_gaps, listed):
    assert sorted(two_gaps) == ["invoice", "printer"]
    assert {gap.id: gap.langs for gap in listed()} == {two_gaps["invoice"]: ("en",), two_gaps["printer"]: ("en", "zh")}


def test_one_visit_alone_is_no_gap_and_a_question_is(base, fail, keeper, clock, listed):
    fail("how do I paint the fence", "anna")
    fail("how do I paint the fence", "anna")
    keeper.update()
    assert listed() == ()
    Questions(base, now=clock).ask(text="how do I paint the fence?", lang="en", session="bo")
    keeper.update()
    assert len(listed()) == 1


def test_tomorrows_searches_join_todays_gaps_and_numbers_stay(two_gaps, fail, keeper, clock, listed):
    before = {gap.id: gap.demand.people for gap in listed()}
    clock.go_on(days=1)
    fail("download the invoice", "new visitor")
    keeper.update()
    after = {gap.id: gap.demand.people for gap in listed()}
    assert after.keys() == before.keys()
    assert after[two_gaps["invoice"]] == before[two_gaps["invoice"]] + 1


def test_updating_again_changes_nothing(two_gaps, keeper, listed):
    before = listed()
    done = keeper.update()
    assert (done.joined, done.opened) == (0, 0) and listed() == before


def test_a_split_sticks_and_later_searches_go_to_their_side(base, two_gaps, gaps, fail, keeper, clock, listed):
    printer = two_gaps["printer"]
    with read(base) as database:
        wordings = read_gap(database, printer, now=clock()).wordings
    chinese = [item for wording in wordings if wording.lang == "zh" for item in wording.items]
    new = gaps.split(printer, chinese, account="anna")
    clock.go_on(days=1)
    fail("打印机不打印", "later")
    fail("printer prints nothing", "later still")
    keeper.update()
    found = {gap.id: gap for gap in listed()}
    assert (found[new].demand.people, found[printer].demand.people) == (2, 4)
    assert (found[new].title_zh, found[new].title_en) == ("打印机不打印", "")


def test_a_merge_sticks_and_the_old_number_leads_to_the_new_gap(base, two_gaps, gaps, fail, keeper, clock, listed):
    gaps.merge(two_gaps["printer"], two_gaps["invoice"], account="anna")
    clock.go_on(days=1)
    fail("the printer does not print", "later")
    keeper.update()
    [gap] = listed()
    assert gap.id == two_gaps["invoice"] and gap.demand.people == len(INVOICE) + len(PRINTER) + 1
    with read(base) as database:
        assert read_gap(database, two_gaps["printer"], now=clock()).gap.id == two_gaps["invoice"]


def test_every_decision_leaves_its_author_in_the_history(base, two_gaps, gaps):
    number = two_gaps["invoice"]
    gaps.assign(number, "bo", due="2026-12-01", account="anna")
    gaps.note(number, "finance knows", account="bo")
    gaps.close(number, "en/invoices, searched all wordings", account="bo")
    gaps.reopen(number, why="still asked", account="anna")
    with read(base) as database:
        steps = [(step.action, step.account) for step in read_steps(database, "gap", number)]
    assert steps == [("opened", ""), ("assigned", "anna"), ("noted", "bo"), ("closed", "bo"), ("reopened", "anna")]


@pytest.mark.parametrize(
    "refused",
    [
        lambda gaps, number: gaps.close(number, "  ", account="a"),
        lambda gaps, number: gaps.dismiss(number, "boring", account="a"),
        lambda gaps, number: gaps.assign(number, "a", due="next week", account="a"),
        lambda gaps, number: gaps.merge(number, number, account="a"),
        lambda gaps, number: gaps.split(number, [], account="a"),
        lambda gaps, number: gaps.reopen(number, account="a"),
        lambda gaps, number: gaps.note(999, "who?", account="a"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(two_gaps, gaps, listed, refused):
    before = listed()
    with pytest.raises(GapError):
        refused(gaps, two_gaps["invoice"])
    assert listed() == before


def test_a_closed_gap_reopens_when_two_visits_fail_again(two_gaps, gaps, fail, keeper, clock, listed):
    gaps.close(two_gaps["invoice"], "en/invoices", account="anna")
    clock.go_on(days=1)
    fail("where do I download my invoice", "one more")
    keeper.update()
    assert [gap.state for gap in listed(state="closed")] == ["closed"]
    fail("where do I download my invoice", "and another")
    keeper.update()
    assert [gap.id for gap in listed(state="reopened")] == [two_gaps["invoice"]]


def test_a_search_that_turns_out_solved_leaves_its_gap(base, fail, keeper, clock, listed):
    from feedback.votes import Votes

    fail("where do I download my invoice", "anna")
    number = fail("where do I download my invoice", "bo")
    keeper.update()
    assert [gap.demand.people for gap in listed()] == [2]
    Votes(base, now=clock).cast("en/invoices", True, session="bo", search_id=number)
    keeper.update()
    assert [gap.demand.people for gap in listed()] == [1]


def test_one_noisy_person_counts_once_a_day_and_one_address_a_few_times():
    now = "2026-11-22T09:00:00.000+00:00"
    from feedback.moments import read_stamp

    noisy = [Ask("anna", "", now, "failed", False, 500) for _ in range(50)]
    windows = [Ask(f"window {number}", "one address", now, "failed", False) for number in range(50)]
    assert count_demand(noisy, now=read_stamp(now)).person_days == 1
    assert count_demand(windows, now=read_stamp(now)).person_days == PEOPLE_PER_ADDRESS


def test_the_cost_is_the_product_of_its_factors_inside_its_interval(clock):
    days = [stamp(clock() - timedelta(days=number)) for number in range(14)]
    demand = count_demand([Ask(str(number), "", day, "failed", number < 7) for number, day in enumerate(days)], now=clock())
    assumed = Assumptions(handling_minutes=10, cost_per_minute=2, contact_share=0.5, contact_weight=2)
    [cost] = estimate_costs([demand], weeks=2.0, assumptions=assumed)
    assert cost.searches_per_week == pytest.approx(14.5 / 2) and cost.contact_share == pytest.approx(8 / 16)
    assert cost.expected == pytest.approx(14.5 / 2 * 0.5 * 10 * 2)
    assert 0 < cost.low < cost.expected < cost.high
    assert estimate_costs([demand], weeks=2.0, assumptions=assumed) == [cost]


def test_an_assumption_can_be_changed_within_limits_and_tells_who_did(base, clock):
    with write(base) as database:
        write_assumption(database, "handling_minutes", 35, account="lea", at=stamp(clock()))
        assert read_assumptions(database).handling_minutes == 35
        assert [(step.detail, step.account) for step in read_steps(database, "assumption", "handling_minutes")] == [("20 -> 35", "lea")]
        for name, value in (("handling_minutes", -1), ("contact_share", 2), ("mood", 1)):
            with pytest.raises(AssumptionError):
                write_assumption(database, name, value, account="lea", at=stamp(clock()))


def reading(text, *candidates, lang="en", confidence=0.9):
    found = tuple(
        Candidate(article, article, at, 5.0 - place, public, translations) for place, (article, at, public, translations) in enumerate(candidates)
    )
    return Reading(text, lang, 3, confidence, found, confidence if found and found[0].public else 0.05)


NOBODY = Said({}, {}, {})


def said(helpful=None, unhelpful=None, reasons=None):
    from collections import Counter

    return Said(Counter(helpful), Counter(unhelpful), {article: Counter(each) for article, each in (reasons or {}).items()})


@pytest.mark.parametrize(
    ("readings", "voices", "kind", "article"),
    [
        ([reading("a", ("en/x", "en", True, ()), confidence=0.05)] * 2, said(), "missing", ""),
        ([reading("a", ("en/x", "en", True, ("zh",)))] * 2, said(), "unfindable", "en/x"),
        ([reading("问", ("en/x", "en", True, ()), lang="zh")] * 2, said(), "wrong_language", "en/x"),
        ([reading("问", ("en/x", "en", True, ("zh",)), lang="zh")] * 2, said(), "unfindable", "en/x"),
        ([reading("a", ("en/secret", "en", False, ()), ("en/x", "en", True, ()))] * 2, said(), "hidden", "en/secret"),
        ([reading("a", ("en/x", "en", True, ()))] * 2, said(unhelpful={"en/x": 3}, reasons={"en/x": {"outdated": 3}}), "unhelpful", "en/x"),
        ([reading("a", ("en/x", "en", True, ()), confidence=0.05)] * 2, said(unhelpful={"en/x": 3}, reasons={"en/x": {"not_it": 3}}), "missing", ""),
        ([reading("a", ("en/y", "en", True, ()), ("en/x", "en", True, ()), confidence=0.05)] * 2, said(helpful={"en/x": 2}), "unfindable", "en/x"),
    ],
)
def test_the_kind_of_a_gap_follows_from_what_is_found_and_what_customers_said(readings, voices, kind, article):
    reason = classify(readings, voices)
    assert (reason.kind, reason.article) == (kind, article)


def test_texts_expire_and_totals_stay(base, two_gaps, fail, keeper, clock, listed):
    clock.go_on(days=200)
    fail("where do I download my invoice", "fresh")
    keeper.update()
    gone = expire(base, days=180, represent=keeper.represent, zone=ZoneInfo("UTC"), now=clock)
    assert gone.searches == len(INVOICE) + len(PRINTER)
    with read(base) as database:
        assert [row[0] for row in database.execute("select text from searches")] == ["where do I download my invoice"]
        assert database.execute("select sum(searches) from day_requests where day < '2026-12-01'").fetchone()[0] == gone.searches
        assert database.execute("select sum(person_days) from gap_totals").fetchone()[0] == gone.searches
        kept = " ".join(str(row) for row in database.execute("select title_en, title_zh from gaps").fetchall())
        assert not any(fold_text(text) in fold_text(kept) for text in (*INVOICE[1:], *PRINTER))
    assert two_gaps["invoice"] in {gap.id for gap in listed(state="all")}


def test_undecided_groups_are_grouped_anew_and_the_numbers_of_their_gaps_stay(two_gaps, fail, keeper, clock, listed):
    before = {gap.id: gap.title_en for gap in listed()}
    clock.go_on(days=1)
    for number, text in enumerate([*INVOICE, *PRINTER, "print an invoice again", "the invoice as a file", "printer out of paper", "打印机缺纸"]):
        fail(f"{text} please", f"later {number}")
    keeper.update()
    after = {gap.id: gap.title_en for gap in listed(state="all")}
    assert before.keys() <= after.keys()


def test_what_a_person_has_decided_about_is_not_grouped_anew(base, two_gaps, gaps, fail, keeper, clock):
    def held(gap):
        with read(base) as database:
            rows = database.execute("select m.source_id from group_members m join groups g on g.id = m.grouped where g.gap = ?", [gap])
            return {id for (id,) in rows.fetchall()}

    gaps.assign(two_gaps["printer"], "ada", account="ada")
    before = held(two_gaps["printer"])
    clock.go_on(days=1)
    for number in range(40):
        fail(f"printer question {number} about paper, ink and size {number}", f"later {number}")
    keeper.update()
    assert before <= held(two_gaps["printer"])
