"""Who leaves, from what is known of people: since the records began, groups of five (rule 25)."""

from datetime import UTC, date, datetime

import pytest

from perilune.history.service import change_set
from perilune.kernel.asof import AsOf
from perilune.planning.contracts import Source
from perilune.planning.queries import stays

pytestmark = pytest.mark.django_db
BEGAN = date(2024, 1, 1)
AT = AsOf(datetime(2026, 1, 1, tzinfo=UTC), date(2025, 12, 31))


@pytest.fixture
def force(cast, monkeypatch):
    """Eight of a team hired long before the records; one left before them, two since."""
    monkeypatch.setattr(stays, "first_booked", lambda at: BEGAN)
    left = {0: date(2023, 5, 1), 1: date(2024, 7, 1), 2: date(2025, 2, 1)}
    with change_set(actor="test", title="people", known_at=datetime(2023, 1, 1, tzinfo=UTC)) as w:
        team = w.create("team", {"name": "Long here"})
        for at in range(8):
            values = {"name": f"Rep {at}", "hire_date": date(2014, 1, 1)}
            rep = w.create("rep", values | {"leave_date": left.get(at)})
            w.create("assignment", {"rep_id": rep, "team_id": team, "role": "seller", "fte": 1.0})
    return f"team:{team}"


def test_years_before_the_records_and_whoever_left_in_them_do_not_count(force) -> None:
    found = stays.leaving(AT, (force,))
    (law,) = found.by_team
    assert (law.reps, law.is_pooled) == (7, False)
    assert sum(band.leavers for band in law.bands) == 2
    # five for 24 months, the two for 6 and 13
    assert sum(band.exposure for band in law.bands) == pytest.approx(5 * 24 + 6 + 13, abs=0.2)


def test_a_team_of_few_shows_the_law_of_all_and_says_so(force) -> None:
    (law,) = stays.leaving(AT, ("team:0",)).by_team
    assert (law.is_pooled, law.reason, law.source) == (True, "small group", Source.LEARNT)


def test_what_was_not_known_yet_is_not_counted(force) -> None:
    eve = AsOf(datetime(2024, 6, 30, tzinfo=UTC), date(2024, 6, 29))
    assert stays.leaving(eve).leavers == 0
