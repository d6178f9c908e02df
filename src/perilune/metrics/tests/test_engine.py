"""The arithmetic of figures, against worked examples and laws."""

from datetime import date

import pytest

from perilune.metrics.engine import (
    NO_CREATION,
    NONE_WON,
    REACHED,
    Context,
    Span,
    byar,
    exceeds_noise,
    figures_of,
    quota_of,
    wilson,
)

pytestmark = pytest.mark.engine


def test_the_interval_of_a_share_is_wilsons():
    # Newcombe (1998), Statistics in Medicine 17:857, table I: 81 of 263 gives 0.2553 to 0.3662
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)


def test_the_interval_of_a_count_is_near_the_exact_one():
    # exact Poisson limits of 10 are 4.795 and 18.39 (Garwood 1936)
    assert byar(10) == pytest.approx((4.795, 18.39), abs=0.02)
    assert byar(0)[0] == 0


def test_a_change_of_half_a_point_on_two_thousand_deals_is_noise_and_ten_points_are_not():
    now = 1257 / 2047
    assert exceeds_noise(now, wilson(1257, 2047), 0.609, wilson(1247, 2047)) is False
    assert exceeds_noise(now, wilson(1257, 2047), 0.51, wilson(1044, 2047)) is True
    assert exceeds_noise(now, wilson(1257, 2047), None, None) is None


def test_under_twenty_closed_deals_the_interval_replaces_the_rate():
    few = figures_of(Context(flow={"won_count": 12, "lost_count": 7}, days=10))["win_rate_closed"]
    assert few.value is None and few.interval == wilson(12, 19) and few.n == 19
    enough = figures_of(Context(flow={"won_count": 12, "lost_count": 8}, days=10))
    assert enough["win_rate_closed"].value == 0.6


def test_no_real_deals_leave_the_rate_and_their_share_stands_beside_it():
    flow = {"won_count": 30, "lost_count": 30, "no_deal_count": 10, "unqualified_count": 5}
    figures = figures_of(Context(flow=flow, days=10))
    assert figures["win_rate_closed"].value == pytest.approx(30 / 45)
    assert figures["no_deal_share"].value == pytest.approx(10 / 60)


def test_won_deals_without_a_creation_date_are_not_told_as_none():
    undated = figures_of(Context(closing={"won_count": 1, "cycle_count": 0}, days=10))
    for name in ("cycle_creation", "cycle_creation_median"):
        assert undated[name].value is None
        assert undated[name].note == NO_CREATION
    none = figures_of(Context(days=10))
    assert none["cycle_creation"].note == none["cycle_first_contact"].note == NONE_WON


@pytest.mark.parametrize(
    ("count", "verb"),
    [(1, "deal without an amount or a rate is"), (2, "deals without an amount or a rate are")],
)
def test_a_note_that_counts_one_is_in_the_singular(count, verb):
    note = figures_of(Context(flow={"won_uncounted": count}, days=10))["won_amount"].note
    assert note is not None
    said = note.said(str, lambda one, several, n: one if n == 1 else several)
    assert said == f"{count} {verb} not counted."


def test_coverage_is_unknown_once_the_target_is_reached():
    state = {"due_count": 3, "due_value": 900.0, "due_squares": 1.0}
    half = figures_of(Context(flow={"won_amount": 700}, state=state, quota=1000, days=5))
    assert half["coverage"].value == 3.0
    done = figures_of(Context(flow={"won_amount": 1000}, state=state, quota=1000, days=5))
    assert done["coverage"].value is None and done["coverage"].note == REACHED


def test_bookings_per_fte_need_every_hire_date():
    flow = {"won_amount": 9000, "won_count": 3}
    known = {"listed": 4, "hired": 4, "fte_days": 30.0}
    figures = figures_of(Context(flow=flow, people=known, days=10))
    assert figures["bookings_per_fte"].value == 3000
    assert figures["bookings_per_listed_rep"].value == 2250
    figures = figures_of(Context(flow=flow, people=known | {"hired": 3}, days=10))
    assert figures["bookings_per_fte"].value is None


def test_selling_time_of_four_people_is_withheld_unless_one_may_name_them():
    people = {"listed": 4, "hours": 100.0, "minutes": 1800.0, "work_days": 20, "logged_days": 10}
    assert figures_of(Context(people=people, days=5))["selling_time"].value is None
    named = figures_of(Context(people=people, days=5, may_name=True))
    assert named["selling_time"].value == 0.3
    assert named["selling_time_coverage"].value == 0.5
    group = figures_of(Context(people=people | {"listed": 5}, days=5))
    assert group["selling_time"].value == 0.3


def test_single_misses_cancel_in_the_familiar_accuracy_and_not_in_the_error():
    figures = figures_of(Context(calls=[(120, 100), (80, 100)], days=5))
    assert figures["forecast_error_call"].value == pytest.approx(0.2)
    assert figures["forecast_bias_call"].value == 0
    assert figures["forecast_accuracy_call"].value == 1


def test_the_cycle_from_first_contact_is_no_headline_below_eighty_percent():
    closing = {"won_count": 10, "contact_count": 7, "contact_mean": 50.0, "contact_deviation": 5.0}
    assert figures_of(Context(closing=closing, days=5))["cycle_first_contact"].note is not None
    closing["contact_count"] = 8
    assert figures_of(Context(closing=closing, days=5))["cycle_first_contact"].note is None


def test_a_quota_is_exact_or_summed_or_a_part_of_the_year():
    year = Span(date(2026, 1, 1), date(2026, 12, 31), 36_500)
    half = Span(date(2026, 1, 1), date(2026, 6, 30), 20_000)
    assert quota_of([year, half], date(2026, 1, 1), date(2026, 6, 30)) == 20_000
    assert quota_of([year, half], date(2026, 1, 1), date(2026, 12, 31)) == 36_500
    assert quota_of([year], date(2026, 7, 1), date(2026, 7, 31)) == 3_100
    assert quota_of([], date(2026, 7, 1), date(2026, 7, 31)) is None
