"""Ramps and survival of reps: golden figures, truths found again, nothing claimed on little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.planning.contracts import STATED_RAMP, Source
from perilune.planning.engine import leaving, ramping

pytestmark = pytest.mark.engine


def stays(months, left, group=None, entered=None) -> leaving.Stays:
    n = len(months)
    return leaving.Stays(
        np.zeros(n, np.int64) if group is None else np.array(group),
        np.zeros(n) if entered is None else np.array(entered, dtype=float),
        np.array(months, dtype=float),
        np.array(left, dtype=bool),
    )


def test_the_curve_is_that_of_the_textbook() -> None:
    # remission of 21 patients on 6-MP, Freireich et al. (1963); estimates and Greenwood's errors as
    # printed in Kleinbaum and Klein, Survival Analysis (2012), chapter 2
    months = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    left = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    made = leaving.survival("6-MP", stays(months, left))
    assert made.time.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert made.at_risk.tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert made.share.round(4).tolist() == [0.8571, 0.8067, 0.7529, 0.6902, 0.6275, 0.5378, 0.4482]
    assert made.error.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    assert made.median == 23
    # the log-log interval of the first step by hand: .8571 ** exp(+-1.96 x .0891 / .1542)
    assert (made.low[0].round(3), made.high[0].round(3)) == (0.620, 0.952)


def test_whoever_was_here_before_the_records_counts_only_from_then_on() -> None:
    made = leaving.survival(
        "late", stays([10, 20, 30, 40, 50], [1, 1, 1, 1, 0], entered=[0, 15, 0, 25, 0])
    )
    assert made.at_risk.tolist() == [3, 3, 3, 2]


def test_a_group_of_four_is_neither_shown_nor_estimated_apart() -> None:
    both = stays([10.0] * 30 + [5.0] * 4, [0] * 20 + [1] * 10 + [1] * 4, [0] * 30 + [1] * 4)
    assert [curve.name for curve in leaving.survivals(both, ("many", "few"))] == ["many"]
    many, few = leaving.attritions(both, ("many", "few"))
    assert (many.is_pooled, few.is_pooled) == (False, True)
    assert few.reps == 34


def test_too_few_reps_leave_a_stated_hazard_with_its_reason() -> None:
    (law,) = leaving.attritions(stays([3, 4], [1, 0]), ("all",))
    assert (law.source, law.reason, law.bands[0].hazard) == (Source.STATED, "too few reps", 0.015)


def test_the_hazards_that_made_the_leavers_are_found_again() -> None:
    rng = np.random.default_rng(3)
    daily = {0: 0.03, 1: 0.01}
    group = np.repeat([0, 1], 1500)
    tenure = rng.exponential(1 / np.array([daily[g] for g in group]))
    ended = np.minimum(tenure, 60)
    laws = leaving.attritions(stays(ended, tenure < 60, group), ("a", "b"))
    for law, rate in zip(laws, daily.values(), strict=True):
        for band in law.bands:
            error = rate / np.sqrt(band.leavers)
            assert band.hazard == pytest.approx(1 - np.exp(-rate), abs=3.5 * error)
            assert band.low < band.hazard < band.high
    assert sum(band.exposure for law in laws for band in law.bands) == pytest.approx(ended.sum())


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    rng = np.random.default_rng(8)
    held = []
    for _ in range(200):
        tenure = rng.exponential(1 / 0.02, 60)
        law = leaving.attritions(stays(np.minimum(tenure, 30), tenure < 30), ("all",))[0]
        held += [band.low <= 1 - np.exp(-0.02) <= band.high for band in law.bands[:4]]
    assert 0.75 <= np.mean(held) <= 0.97  # 80 % claimed; leaning on the group makes it more


def cohort(rng, reps: int, months: int, curve, leave=0.0, spread=0.3) -> ramping.Tenures:
    rows = []
    for rep in range(reps):
        skill = rng.lognormal(-(spread**2) / 2, spread)
        stay = min(int(rng.geometric(leave)) if leave else months, months)
        for month in range(stay):
            share = curve[min(month, len(curve) - 1)]
            rows.append((rep, month, share * skill * rng.gamma(4, 0.25), stay == months))
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return ramping.Tenures(columns[0], columns[1], columns[2], columns[3])


def test_the_ramp_that_made_the_bookings_is_found_again() -> None:
    truth = (0.1, 0.2, 0.35, 0.5, 0.65, 0.78, 0.88, 0.95, 1.0)
    made = ramping.learnt(
        "seller", cohort(np.random.default_rng(1), 120, 36, truth), np.random.default_rng(2)
    )
    assert made.source is Source.LEARNT
    assert np.abs(np.array(made.share[:9]) - truth).max() < 0.1
    assert (np.diff(made.share) >= 0).all()
    held = [low <= t <= high for low, t, high in zip(made.low, truth, made.high, strict=False)]
    assert sum(held) >= 5


def test_all_hired_and_those_still_here_are_two_curves() -> None:
    tenures = cohort(np.random.default_rng(4), 150, 36, (0.2, 0.5, 1.0), leave=0.03)
    made = ramping.learnt("seller", tenures, np.random.default_rng(2))
    assert made.reps == 150
    assert made.here is not None
    assert len(made.here) == len(made.share)


def test_on_four_reps_nothing_is_learnt_and_the_reason_is_said() -> None:
    made = ramping.learnt(
        "seller", cohort(np.random.default_rng(1), 4, 36, (0.5, 1.0)), np.random.default_rng(2)
    )
    assert (made.source, made.share, made.reason) == (Source.STATED, STATED_RAMP, "too few reps")


@given(st.integers(0, 600), st.floats(0, 1))
def test_a_change_of_role_never_puts_a_rep_ahead(since, kept) -> None:
    back = ramping.restarted(STATED_RAMP, since, kept)
    assert 0 <= back <= since
    before, after = ramping.share_by_day(STATED_RAMP, np.array([since, back]))
    assert after <= before
    if kept == 1:
        assert back == since


def test_a_year_weighs_the_bands_by_the_months_seen_in_them() -> None:
    steady = stays([12.0] * 200, [1] * 24 + [0] * 176)
    (law,) = leaving.attritions(steady, ("all",), edges=(0.0,))
    # by hand: all reps' level, the group leant on it, the band leant on the group
    everybody = 24.5 / 2400
    group = 26 / (2400 + 2 / everybody)
    band = 26 / (2400 + 2 / group)
    assert leaving.yearly(law) == pytest.approx(-np.expm1(-12 * band))
    assert leaving.yearly(leaving.stated("all")) == pytest.approx(1 - 0.985**12)
