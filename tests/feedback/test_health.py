"""The product's own health record: what nobody saw working was not available, and nothing is claimed about what is not yet known."""

import sqlite3
import threading
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from feedback.health import HealthRecord, Outage, drop_old_spans, measure_availability
from feedback.moments import read_stamp
from feedback.periods import Period
from kb.database import read, write
from kb.errors import DatabaseError

GREENWICH, SHANGHAI, BERLIN = ZoneInfo("UTC"), ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
FAULT = "index: the index is empty"


@pytest.fixture
def record(database_path, clock):
    return HealthRecord(database_path, now=clock, process="1@first")


@pytest.fixture
def other(database_path, clock):
    return HealthRecord(database_path, now=clock, process="2@second")


@pytest.fixture
def beat(clock):
    """The records beat as seldom as they may for so long, from now on; the clock stands at the last beat."""

    def beat_for(*records, every=45, ok=True, fault="", **duration):
        until = clock.moment + timedelta(**duration)
        while True:
            for record in records:
                record.beat(ok=ok, fault=fault)
            if clock.moment >= until:
                return
            clock.go_on(seconds=min(every, (until - clock.moment).total_seconds()))

    return beat_for


@pytest.fixture
def spans(stored):
    return lambda: stored("select process, began_at, seen_at, ok, fault from health_spans order by id")


@pytest.fixture
def measure(database_path, clock):
    def measure_days(first=date(2026, 11, 22), last=None, *, zone=GREENWICH):
        with read(database_path) as database:
            return measure_availability(database, Period(first, last or first, zone), now=clock.moment)

    return measure_days


# Writing


def test_unbroken_time_in_one_state_is_one_row(record, beat, spans):
    beat(record, every=15, minutes=3)
    assert spans() == [("1@first", "2026-11-22T09:00:00.000+00:00", "2026-11-22T09:03:00.000+00:00", 1, "")]


def test_another_state_and_another_fault_begin_a_row_of_their_own(record, clock, spans):
    for ok, fault in ((True, "ignored"), (False, FAULT), (False, "model: the model is still loading"), (True, "")):
        record.beat(ok=ok, fault=fault)
        clock.go_on(seconds=15)
    assert [(ok, fault) for *_, ok, fault in spans()] == [(1, ""), (0, FAULT), (0, "model: the model is still loading"), (1, "")]


@pytest.mark.parametrize(("pause", "rows"), [(45, 1), (45.001, 2), (-0.001, 2), (-3600, 2)])
def test_three_beats_may_be_late_but_not_more_and_a_clock_set_back_begins_anew(record, clock, spans, pause, rows):
    record.beat(ok=True)
    clock.go_on(seconds=pause)
    record.beat(ok=True)
    assert len(spans()) == rows


def test_each_process_has_its_own_rows_and_a_number_that_comes_again_is_another_process(database_path, clock, spans):
    HealthRecord(database_path, now=clock).beat(ok=True)
    clock.go_on(seconds=10)
    HealthRecord(database_path, now=clock).beat(ok=True)
    assert len({process for process, *_ in spans()}) == 2


def test_processes_that_beat_at_the_same_time_lose_no_beat(database_path, clock, spans):
    def keep_beating(number):
        record = HealthRecord(database_path, now=clock, process=str(number))
        for _ in range(20):
            record.beat(ok=True)

    threads = [threading.Thread(target=keep_beating, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(process for process, *_ in spans()) == ["0", "1", "2", "3"]


def test_a_beat_that_cannot_be_written_says_so_and_leaves_a_hole(record, beat, clock, database_path, measure):
    beat(record, minutes=1)
    away = database_path.with_name("away")
    database_path.rename(away)
    clock.go_on(seconds=60)
    with pytest.raises(DatabaseError, match="no database"):
        record.beat(ok=True)
    away.rename(database_path)
    clock.go_on(seconds=60)
    beat(record, minutes=1)
    measured = measure()
    assert (measured.seconds_up, measured.seconds_watched) == (120, 240)
    assert [outage.seconds for outage in measured.outages] == [120]


# Measuring


def test_unbroken_time_is_all_of_it(record, beat, measure):
    beat(record, minutes=10)
    measured = measure()
    assert (measured.seconds_up, measured.seconds_watched, measured.outages, measured.value) == (600, 600, (), 1)


def test_nothing_recorded_is_nothing_watched(measure):
    assert (measure().seconds_watched, measure().value, measure().outages) == (0, None, ())


def test_time_before_the_first_beat_ever_is_not_watched_but_a_hole_after_it_is(record, beat, clock, measure):
    beat(record, minutes=10)
    clock.go_on(minutes=30)
    beat(record, minutes=10)
    measured = measure()
    assert (measured.seconds_up, measured.seconds_watched) == (1200, 3000)
    (hole,) = measured.outages
    assert (hole.seconds, hole.fault) == (1800, "")
    assert hole.began_at == datetime(2026, 11, 22, 9, 10, tzinfo=UTC)


def test_a_fault_lasts_from_the_last_good_beat_to_the_next_and_is_named(record, beat, clock, measure):
    beat(record, minutes=5)
    clock.go_on(seconds=15)
    beat(record, ok=False, fault=FAULT, minutes=2)
    clock.go_on(seconds=15)
    beat(record, minutes=5)
    measured = measure()
    began = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    assert measured.outages == (Outage(began, began + timedelta(seconds=150), FAULT),)
    assert (measured.seconds_up, measured.seconds_watched) == (600, 750)


def test_one_bad_beat_is_an_outage_with_its_fault(record, clock, measure):
    for ok in (True, True, False, True, True):
        record.beat(ok=ok, fault=FAULT)
        clock.go_on(seconds=15)
    measured = measure()
    assert [(outage.seconds, outage.fault) for outage in measured.outages] == [(30, FAULT)]


def test_the_longest_outage_comes_first_and_a_night_without_power_is_not_called_loading(record, database_path, beat, clock, measure):
    beat(record, minutes=1)
    clock.go_on(hours=5)
    again = HealthRecord(database_path, now=clock, process="1@again")
    beat(again, ok=False, fault="model: the model is still loading", seconds=15)
    clock.go_on(seconds=15)
    beat(again, minutes=1)
    clock.go_on(seconds=15)
    beat(again, ok=False, fault=FAULT, minutes=1)
    clock.go_on(seconds=15)
    beat(again, minutes=1)
    assert [(outage.seconds, outage.fault) for outage in measure().outages] == [(5 * 3600 + 30, ""), (90, FAULT)]


def test_it_is_up_when_any_process_is(record, other, beat, clock, measure):
    beat(record, other, minutes=5)
    clock.go_on(seconds=15)
    for _ in range(8):
        record.beat(ok=False, fault=FAULT)
        other.beat(ok=True)
        clock.go_on(seconds=15)
    beat(record, other, minutes=5)
    measured = measure()
    assert (measured.seconds_up, measured.outages) == (measured.seconds_watched, ())


def test_a_process_that_takes_over_within_a_beat_leaves_only_the_time_between(record, other, beat, clock, measure):
    beat(record, minutes=5)
    clock.go_on(seconds=7)
    beat(other, minutes=5)
    assert [outage.seconds for outage in measure().outages] == [7]


@pytest.mark.parametrize(("pause", "watched", "down"), [(0, 600, 0), (44.999, 600, 0), (45, 645, 45), (600, 1200, 600)])
def test_silence_since_the_last_beat_is_no_outage_until_three_beats_are_missed(record, beat, clock, measure, pause, watched, down):
    beat(record, minutes=10)
    clock.go_on(seconds=pause)
    measured = measure()
    assert (measured.seconds_watched, sum(outage.seconds for outage in measured.outages)) == (watched, down)


def test_a_faulty_process_beside_a_good_one_turns_no_tail_into_an_outage(record, other, beat, clock, measure):
    beat(record, minutes=10)
    clock.go_on(seconds=10)
    other.beat(ok=False, fault="model: the model is still loading")
    assert (measure().seconds_watched, measure().outages) == (600, ())


def test_a_process_that_beats_faults_now_is_in_an_outage_now(record, beat, clock, measure):
    beat(record, minutes=10)
    clock.go_on(seconds=15)
    beat(record, ok=False, fault=FAULT, minutes=5)
    clock.go_on(seconds=10)
    assert [(outage.seconds, outage.fault) for outage in measure().outages] == [(315, FAULT)]
    assert measure().seconds_watched == 915


def test_a_clock_that_was_set_back_counts_no_time_twice(record, beat, clock, measure):
    beat(record, minutes=10)
    clock.go_on(minutes=-5)
    beat(record, minutes=10)
    measured = measure()
    assert (measured.seconds_up, measured.seconds_watched, measured.outages) == (900, 900, ())


# Days


def hold(database_path, since, until):
    """One process was well from one moment to the other."""
    with write(database_path) as database:
        database["health_spans"].insert({"process": "1@first", "began_at": since, "seen_at": until, "ok": 1, "fault": ""})


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [(SHANGHAI, date(2026, 3, 29), 24), (BERLIN, date(2026, 3, 29), 23), (BERLIN, date(2026, 10, 25), 25), (BERLIN, date(2026, 10, 26), 24)],
)
def test_a_day_is_as_long_as_the_zone_says(database_path, measure, zone, day, hours):
    hold(database_path, "2026-01-01T00:00:00.000+00:00", "2026-11-22T09:00:00.000+00:00")
    assert measure(day, zone=zone).seconds_watched == measure(day, zone=zone).seconds_up == hours * 3600


@pytest.mark.parametrize(
    ("zone", "of_28th", "of_29th"),
    # The outage is from 21:30 to 23:30 UTC on the 28th: in Berlin that day ends at 23:00 UTC, in Shanghai it has ended at 16:00.
    [(BERLIN, 5400, 1800), (SHANGHAI, 0, 7200), (GREENWICH, 7200, 0)],
)
def test_an_outage_over_midnight_is_shared_between_its_days(database_path, measure, zone, of_28th, of_29th):
    hold(database_path, "2026-03-01T00:00:00.000+00:00", "2026-03-28T21:30:00.000+00:00")
    hold(database_path, "2026-03-28T23:30:00.000+00:00", "2026-04-01T00:00:00.000+00:00")
    down = [sum(outage.seconds for outage in measure(date(2026, 3, day), zone=zone).outages) for day in (28, 29)]
    assert down == [of_28th, of_29th]


def test_a_period_that_is_not_over_is_watched_up_to_now(record, beat, clock, measure):
    beat(record, minutes=10)
    assert measure(date(2026, 11, 22), date(2026, 12, 31)).seconds_watched == 600
    assert measure(date(2026, 11, 23)).value is None
    assert measure(date(2026, 11, 21)).value is None


# Forgetting


def test_what_lies_more_than_400_days_back_is_dropped(database_path, spans):
    hold(database_path, "2025-01-01T00:00:00.000+00:00", "2025-10-01T00:00:00.000+00:00")
    hold(database_path, "2025-10-01T00:00:00.000+00:00", "2026-11-22T09:00:00.000+00:00")
    with write(database_path) as database:
        assert drop_old_spans(database, now=read_stamp("2026-11-22T09:00:00.000+00:00")) == 1
    assert [began for _, began, *_ in spans()] == ["2025-10-01T00:00:00.000+00:00"]


def test_a_state_that_is_neither_well_nor_not_is_refused_by_the_table(database_path):
    with pytest.raises(sqlite3.IntegrityError), write(database_path) as database:
        database["health_spans"].insert({"process": "1", "began_at": "", "seen_at": "", "ok": 2})
