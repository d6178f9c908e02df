"""When schedules run."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from perilune.jobs.contracts import Cadence, When
from perilune.jobs.engine.cadence import is_late, next_run

PARIS = ZoneInfo("Europe/Paris")
instants = st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))


@given(
    st.sampled_from(Cadence), st.integers(1, 48), st.integers(0, 23), st.integers(0, 6), instants
)
def test_the_next_run_is_always_ahead_and_at_most_eight_days_away(
    cadence: Cadence, every: int, at_hour: int, weekday: int, after: datetime
) -> None:
    run = next_run(When(cadence, every, at_hour, weekday, PARIS.key), after)
    assert after < run <= after + timedelta(days=8)


def test_six_in_the_morning_stays_six_when_the_clocks_change() -> None:
    def six_after(day: int) -> datetime:
        return next_run(
            When(Cadence.DAILY, at_hour=6, zone=PARIS.key), datetime(2026, 3, day, 12, tzinfo=UTC)
        )

    assert six_after(27) == datetime(2026, 3, 28, 5, tzinfo=UTC)
    assert six_after(28) == datetime(2026, 3, 29, 4, tzinfo=UTC)


def test_the_monday_pack_comes_on_monday() -> None:
    monday = When(Cadence.WEEKLY, at_hour=7, weekday=0, zone=PARIS.key)
    run = next_run(monday, datetime(2026, 11, 23, 12, tzinfo=UTC))
    assert run.astimezone(PARIS).strftime("%A %H:%M") == "Monday 07:00"
    assert run.date().isoformat() == "2026-11-30"


def test_a_run_is_late_after_a_quarter_of_an_hour() -> None:
    due = datetime(2026, 1, 1, tzinfo=UTC)
    assert not is_late(due, due + timedelta(minutes=15))
    assert is_late(due, due + timedelta(minutes=16))
    assert not is_late(None, due)
