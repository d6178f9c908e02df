"""The same question has the same answer for every role that may ask it (rules 6 to 10).

A role sees fewer rows, never another number under the same name. Asked are all measures, of the
company, of each team by its lead and of each rep by themselves, on the small demo company.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import MEASURES, Behind, By, MeasureHistory, MeasureRow
from perilune.metrics.queries import (
    accuracy_of,
    drill_down,
    measure_with_history,
    open_by_stage,
    quotas_of,
    won_by_month,
)
from perilune.people.contracts import Role
from perilune.people.queries import (
    company,
    people,
    personal_scope_for,
    scope_for,
    teams_as_of,
    user_named,
)

pytestmark = [pytest.mark.django_db(databases=["default", "queue"]), pytest.mark.once]

Rows = dict[str, MeasureHistory]
WHOLE = ("director", "manager", "analyst", "leader", "viewer")
"""Users who may ask for the company's figures, by the names of the demo."""
BY_COUNT = ("win_rate_closed", "no_deal_share", "win_rate_cohort", "create_and_close")
"""Shares by count: the numerator's rows are marked."""
GUARDED = ("selling_time", "selling_time_coverage", "data_quality", "typing_avoided")
"""What rule 26 may withhold from one and show to another; told, it is the same."""


def user(name: str) -> Any:
    found = user_named(name)
    assert found is not None, name
    return found


def as_of() -> AsOf:
    return company().today


def periods() -> list[Period]:
    """The running quarter and the one before it, which is over."""
    calendar = company().calendar
    now = calendar.find(as_of().day, Grain.QUARTER)
    return [now, calendar.shift(now, -1)]


def asked(who: Any, period: Period, by: By = By.TOTAL) -> dict[str, Rows]:
    found: dict[str, Rows] = {}
    rows = measure_with_history(
        as_of(), period, by, scope_for(who), personal=personal_scope_for(who)
    )
    for item in rows:
        unit = "" if item.row.unit_id is None else str(item.row.unit_id)
        found.setdefault(unit, {})[item.row.measure] = item
    return found


def value_of(row: MeasureRow | None) -> float | int | None:
    return None if row is None else row.value


def said(row: MeasureRow | None) -> tuple[Any, ...]:
    if row is None:
        return ()
    return (digits(row.value), row.n, digits(row.interval), digits(row.noise), row.note, row.level)


def digits(value: Any) -> Any:
    """Return a value to twelve digits: sums of floats differ in the last bit by their order."""
    if isinstance(value, tuple):
        return tuple(digits(each) for each in value)
    return float(f"{value:.12g}") if isinstance(value, float) else value


def is_the_same(one: Mapping[str, MeasureHistory], other: Mapping[str, MeasureHistory]) -> None:
    assert set(one) == set(other)
    for name in MEASURES:
        if name not in one:
            continue
        pairs = (
            (one[name].row, other[name].row),
            (one[name].previous.row, other[name].previous.row),
            (one[name].year_ago.row, other[name].year_ago.row),
        )
        for mine, theirs in pairs:
            if name in GUARDED and None in (value_of(mine), value_of(theirs)):
                continue
            assert said(mine) == said(theirs), name


def teams_led() -> dict[Any, int]:
    """Every sales manager who leads one team, by user."""
    found = {}
    for person in people():
        if person.role is not Role.SALES_MANAGER:
            continue
        one = user(person.username)
        roots = scope_for(one).teams
        if len(roots) == 1:
            found[one] = next(iter(roots))
    assert found
    return found


def test_the_company_has_one_answer_for_whoever_may_ask_for_it(demo: None) -> None:
    for period in periods():
        expected = asked(user("director"), period)[""]
        assert expected["won_amount"].row.value
        for name in WHOLE:
            is_the_same(expected, asked(user(name), period)[""])


def test_a_team_has_one_answer_for_its_lead_and_for_the_director(demo: None) -> None:
    for period in periods():
        by_team = asked(user("director"), period, By.TEAM)
        for lead, team in teams_led().items():
            is_the_same(by_team[str(team)], asked(lead, period)[""])
            is_the_same(by_team[str(team)], asked(lead, period, By.TEAM)[str(team)])


def test_a_rep_has_one_answer_for_themselves_for_the_lead_and_for_the_director(demo: None) -> None:
    from perilune.people import service

    by_rep = {period: asked(user("director"), period, By.REP) for period in periods()}
    for lead in teams_led():
        seen = scope_for(lead).owners
        assert seen
        for period, answers in by_rep.items():
            for rep, rows in asked(lead, period, By.REP).items():
                assert int(rep) in seen
                is_the_same(answers[rep], rows)
        for rep_id in sorted(seen):
            name = f"only{rep_id}"
            if user_named(name) is None:
                service.user_add(name, Role.REP, rep_id=rep_id)
            for period, answers in by_rep.items():
                mine = asked(user(name), period)[""]
                if str(rep_id) in answers:
                    is_the_same(answers[str(rep_id)], mine)
                else:
                    assert not mine["won_amount"].row.value


def test_courses_and_targets_of_the_cockpit_are_those_of_the_figures(demo: None) -> None:
    now, before = periods()
    for one in [user(name) for name in WHOLE] + list(teams_led()) + [user("rep")]:
        scope = scope_for(one)
        rows = asked(one, now)[""]
        days = won_by_month(as_of(), now.start, now.end, scope)
        assert sum(row["amount"] for row in days) == rows["won_amount"].row.value
        stages = open_by_stage(as_of(), scope)
        assert sum(row["n"] for row in stages) == rows["open_count"].row.value
        assert sum(row["value"] for row in stages) == (rows["open_value"].row.value or 0)
        assert quotas_of(as_of(), [now], scope) == [rows["target"].row.value]
        then = asked(one, before)[""]
        for row in accuracy_of(as_of(), before, scope):
            assert said(row) == said(then[row.measure].row)


def test_the_rows_behind_a_number_are_exactly_its_cases(demo: None) -> None:
    period, team = periods()[0], next(iter(teams_led().values()))
    named = [name for name, each in MEASURES.items() if each.rows]
    cases = [(By.TOTAL, "total", name) for name in named]
    cases += [(By.TEAM, str(team), name) for name in ("win_rate_closed", "slippage", "push_count")]
    for by, unit, name in cases:
        drill = drill_down(name, as_of(), period, by, unit=unit, scope=Scope.company())
        if MEASURES[name].behind is Behind.CASES:
            assert drill.total == drill.row.n, (unit, name)
        if drill.row.value is not None and name in BY_COUNT:
            assert drill.counted / drill.total == pytest.approx(drill.row.value), name
        assert len(drill.rows) == min(drill.total, 200)


def test_a_drawer_says_how_many_of_the_cases_lie_outside_of_the_view(demo: None) -> None:
    period = periods()[0]
    for lead, team in teams_led().items():
        mine = drill_down(
            "won_amount", as_of(), period, By.TOTAL, unit="total", scope=scope_for(lead)
        )
        whole = drill_down(
            "won_amount", as_of(), period, By.TEAM, unit=str(team), scope=Scope.company()
        )
        assert mine.total == whole.total == mine.row.n
        assert len(mine.rows) + mine.outside == mine.total
        assert {row[0] for row in mine.rows} <= {row[0] for row in whole.rows}


def test_a_target_names_its_level_and_no_counted_fact_has_an_interval(demo: None) -> None:
    for who in ("director", "leader", "teamlead", "rep", "viewer"):
        rows = asked(user(who), periods()[0])[""]
        assert rows["target"].row.value and rows["target"].row.level
        assert rows["attainment"].row.level == rows["target"].row.level
        for name, measure in MEASURES.items():
            if measure.is_fact and name in rows:
                assert rows[name].row.interval is None, name
        assert rows["won_amount"].row.noise


def test_a_team_has_what_the_teams_below_it_have(demo: None) -> None:
    answers = asked(user("director"), periods()[1], By.TEAM)
    total = asked(user("director"), periods()[1])[""]
    regions = asked(user("director"), periods()[1], By.REGION)
    parents = {team: state["parent_id"] for team, state in teams_as_of(as_of()).items()}
    tops = {str(team) for team, parent in parents.items() if parent is None} & set(answers)
    assert tops
    for name in ("won_amount", "won_count", "open_value", "open_count"):
        units = [unit for unit in (*tops, "") if unit in answers]
        summed = sum(answers[unit][name].row.value or 0 for unit in units)
        assert summed == pytest.approx(total[name].row.value, abs=2), name
    for unit in tops:
        is_the_same(regions[unit], answers[unit])
        assert answers[unit]["won_amount"].row.depth == 0


def test_earlier_cohorts_are_compared_at_the_same_age(demo: None) -> None:
    now, before = periods()
    found = asked(user("director"), now)[""]["win_rate_cohort"]
    then = AsOf.end_of(before.end, company().zone)
    rows = measure_with_history(
        then, before, By.TOTAL, Scope.company(), measures=["win_rate_cohort"], with_states=False
    )
    aged = found.previous.row
    assert aged is not None and aged.n
    assert (aged.value, aged.n) == (rows[0].row.value, rows[0].row.n)
    assert company().today.day == now.end  # both quarters are at their end


def test_no_unit_is_a_bare_number_and_none_lies_outside_of_the_view(demo: None) -> None:
    for lead in teams_led():
        scope = scope_for(lead)
        for by in (By.REP, By.TEAM, By.REGION):
            found = measure_with_history(
                as_of(), periods()[0], by, scope, measures=["won_amount"], with_states=False
            )
            assert not [item.row.label for item in found if item.row.label.startswith("#")]
        reps = asked(lead, periods()[0], By.REP)
        assert {int(rep) for rep in reps} <= (scope.owners or frozenset())
