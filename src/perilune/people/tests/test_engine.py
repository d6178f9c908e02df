"""Hierarchy, capacity, working days, quotas: laws and golden numbers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perilune.people import engine
from perilune.people.contracts import Holding
from perilune.people.engine.capacity import Away, Employment
from perilune.people.engine.quotas import Span, in_force, quota_over

pytestmark = pytest.mark.engine
JAN, FEB, JUN, JUL = date(2026, 1, 1), date(2026, 2, 1), date(2026, 6, 30), date(2026, 7, 1)


def held(rep: int, team: int | None = 1, manager: int | None = None, **rest: object) -> Holding:
    facts: dict[str, object] = {"role": "seller", "fte": 1.0, "since": JAN, **rest}
    return Holding(rep_id=rep, team_id=team, manager_id=manager, **facts)  # type: ignore[arg-type]


# -- hierarchy -----------------------------------------------------------------------------------


def test_a_subtree_holds_the_root_and_all_below_it() -> None:
    parents = {1: None, 2: 1, 3: 2, 4: 1, 9: None}
    assert engine.team_subtree([1], parents) == {1, 2, 3, 4}
    assert engine.team_subtree([2], parents) == {2, 3}


def test_a_cycle_of_teams_does_not_hang() -> None:
    parents: dict[int, int | None] = {1: 2, 2: 1}
    assert engine.team_subtree([1], parents) == {1, 2}
    assert engine.ancestors(1, parents) == [1, 2]


def test_a_manager_answers_for_the_chain_and_for_the_teams_they_lead() -> None:
    holdings = [
        held(10, 1, role="manager"),
        held(11, 1),  # in the led team
        held(12, 5, 10),  # reports by name, sits elsewhere
        held(13, 5, 12),  # reports to a report
        held(14, 2),  # a team below the led one
        held(15, 7),  # nobody's here
    ]
    under = engine.reps_under(10, holdings, {1: None, 2: 1, 5: None, 7: None}, FEB)
    assert under == {10, 11, 12, 13, 14}


def test_a_move_changes_the_subtree_on_its_day_and_not_before() -> None:
    holdings = [
        held(10, 1, role="manager"),
        held(20, 2, role="manager"),
        held(11, 1, until=JUN),
        held(11, 2, since=JUL),
    ]
    parents: dict[int, int | None] = {1: None, 2: None}
    assert 11 in engine.reps_under(10, holdings, parents, JUN)
    assert 11 not in engine.reps_under(10, holdings, parents, JUL)
    assert 11 in engine.reps_under(20, holdings, parents, JUL)


def test_a_leaver_stays_with_the_last_team() -> None:
    holdings = [held(10, 1, role="manager"), held(11, 1, until=FEB)]
    assert 11 in engine.reps_under(10, holdings, {1: None}, JUL)


def test_a_former_manager_answers_for_nobody() -> None:
    holdings = [held(10, 1, role="manager", until=FEB), held(11, 1)]
    assert engine.reps_under(10, holdings, {1: None}, JUL) == {10}


REPS = st.integers(1, 8)


@given(
    links=st.lists(
        st.tuples(REPS, st.integers(1, 4), st.none() | REPS, st.sampled_from(["seller", "manager"]))
    ),
    manager=REPS,
)
def test_everybody_under_a_manager_is_led_by_somebody_under_that_manager(
    links: list[tuple[int, int, int | None, str]], manager: int
) -> None:
    holdings = [held(rep, team, boss, role=role) for rep, team, boss, role in links]
    parents: dict[int, int | None] = {1: None, 2: 1, 3: None, 4: 3}
    under = engine.reps_under(manager, holdings, parents, FEB)
    led = engine.team_subtree(engine.managed_teams(manager, holdings, FEB), parents)
    assert manager in under
    for holding in holdings:
        if holding.rep_id in under - {manager}:
            theirs = [h for h in holdings if h.rep_id == holding.rep_id]
            assert any(h.manager_id in under or h.team_id in led for h in theirs)
        elif holding.rep_id != manager:
            assert holding.manager_id not in under
            assert holding.team_id not in led


def test_two_assignments_overlap_only_beyond_one_fte() -> None:
    assert engine.overlaps([held(1, fte=0.5), held(1, 2, fte=0.5)]) == []
    assert len(engine.overlaps([held(1, fte=0.6), held(1, 2, fte=0.5)])) == 1
    assert engine.overlaps([held(1, until=JUN), held(1, 2, since=JUL)]) == []


# -- capacity ------------------------------------------------------------------------------------


def test_fte_days_of_half_a_year_are_counted_by_hand() -> None:
    """Hired 1 Feb at 0.8, away 1 to 7 March, half away all April, gone after 30 June."""
    rep = Employment(
        hired=FEB,
        left=JUN,
        holdings=[held(1, fte=0.8)],
        absences=[
            Away(date(2026, 3, 1), date(2026, 3, 7)),
            Away(date(2026, 4, 1), date(2026, 4, 30), 0.5),
        ],
    )
    total = sum(fte for _day, fte in engine.fte_days(rep, JAN, date(2026, 12, 31)))
    # 28 + 31 + 30 + 31 + 30 = 150 days at 0.8, less 7 days of 0.8, less 30 days of 0.5
    assert total == pytest.approx(150 * 0.8 - 7 * 0.8 - 30 * 0.5)
    assert engine.fte_total([rep], JAN, date(2026, 12, 31)) == pytest.approx(total / 365)


def test_a_rep_without_assignment_counts_in_full_while_hired() -> None:
    assert engine.fte_on(Employment(FEB, None), JUN) == 1.0
    assert engine.fte_on(Employment(FEB, None), JAN) == 0.0


def test_an_unknown_hire_date_counts_only_what_is_assigned() -> None:
    rep = Employment(None, None, [held(1, since=FEB, until=JUN)])
    assert (engine.fte_on(rep, JAN), engine.fte_on(rep, FEB), engine.fte_on(rep, JUL)) == (0, 1, 0)


@given(
    fte=st.floats(0.01, 1),
    gone=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 60), st.none() | st.floats(0, 1))),
    day=st.integers(0, 364),
)
def test_absence_never_makes_fte_negative_nor_larger(
    fte: float, gone: list[tuple[int, int, float | None]], day: int
) -> None:
    away = [
        Away(JAN + timedelta(days=first), JAN + timedelta(days=first + length), part)
        for first, length, part in gone
    ]
    rep = Employment(JAN, None, [held(1, fte=fte)], away)
    assert 0 <= engine.fte_on(rep, JAN + timedelta(days=day)) <= fte


# -- working days --------------------------------------------------------------------------------


def test_may_2026_has_seventeen_working_days_in_france() -> None:
    """21 weekdays less 1, 8, 14 and 25 May (Code du travail, L3133-1)."""
    free = engine.holidays_of("FR", 2026, 2026)
    expected = {date(2026, 5, 1), date(2026, 5, 8), date(2026, 5, 14), date(2026, 5, 25)}
    assert {day for day in free if day.month == 5} == expected
    assert engine.workdays(date(2026, 5, 1), date(2026, 5, 31), "FR") == 21 - 4


def test_an_unknown_country_has_weekends_only() -> None:
    assert engine.workdays(date(2026, 5, 1), date(2026, 5, 31), "ZZ") == 21


# -- quotas --------------------------------------------------------------------------------------

Q1_END, YEAR_END = date(2026, 3, 31), date(2026, 12, 31)


def test_the_quota_of_exactly_the_period_wins() -> None:
    spans = [Span(JAN, YEAR_END, 1000), Span(JAN, Q1_END, 300), Span(JAN, date(2026, 1, 31), 90)]
    assert quota_over(spans, JAN, Q1_END) == (300, False)


def test_months_sum_to_the_quarter_and_are_not_counted_beside_it() -> None:
    months = [
        Span(JAN, date(2026, 1, 31), 90),
        Span(FEB, date(2026, 2, 28), 100),
        Span(date(2026, 3, 1), Q1_END, 110),
    ]
    assert quota_over(months, JAN, Q1_END) == (300, False)
    assert quota_over([*months, Span(JAN, Q1_END, 310)], JAN, YEAR_END) == (310, False)


def test_a_part_of_a_year_is_prorated_by_days_and_says_so() -> None:
    assert quota_over([Span(JAN, YEAR_END, 36500)], JAN, Q1_END) == (9000, True)


def test_no_quota_is_unknown_and_never_zero() -> None:
    assert quota_over([], JAN, Q1_END) == (None, False)


def test_the_latest_quota_in_force_replaces_the_earlier_one() -> None:
    spans = [Span(JAN, YEAR_END, 100, JAN), Span(JAN, YEAR_END, 120, JUL)]
    assert [s.minor for s in in_force(spans, JUN)] == [100]
    assert [s.minor for s in in_force(spans, JUL)] == [120]
