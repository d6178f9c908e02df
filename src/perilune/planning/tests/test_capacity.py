"""Capacity of a plan: every count by its name, one page for all, laws with reason, rule 24."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from perilune.history.testing import made_once
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import (
    COMPANY,
    STATED_KEPT,
    Absence,
    Change,
    Content,
    Hire,
    Leave,
    Source,
    UnitRow,
)
from perilune.planning.contracts.capacity import Abscissa, Count, ReturnsChoice
from perilune.planning.engine.capacity_learning import beside, kept, saturation
from perilune.planning.engine.capacity_rows import up
from perilune.planning.queries.capacity import PlanCapacity, plan_capacity
from perilune.planning.queries.capacity_laws import laws
from perilune.planning.queries.capacity_model import basis
from perilune.planning.queries.capacity_people import landing, sizes_of
from perilune.planning.queries.capacity_returns import Returns

pytestmark = pytest.mark.once

ALL = Scope.company()


@pytest.fixture
@made_once
def plan_id(sold: Cast) -> int:
    made = service.create_plan(
        "Plan 2026", 2026, actor="director", scope=ALL,
        from_last_year=service.Proposal(0.1, 0.0, 0.05),
    )  # fmt: skip
    service.reconcile(made, _edition(made), actor="director", scope=ALL)
    return made


def _edition(plan_id: int) -> int:
    return queries.loaded_plan(plan_id).head.edition


def _add(plan_id: int, edit: Hire | Leave | Absence) -> None:
    service.people_add(plan_id, _edition(plan_id), edit, actor="director", scope=ALL)


def found(plan_id: int, *, is_circle: bool = True) -> PlanCapacity:
    loaded = queries.loaded_plan(plan_id)
    today = company().today
    return plan_capacity(loaded.head, loaded.content, ALL, today, is_circle=is_circle)


def test_every_count_of_people_is_its_own_and_hires_of_several_heads_count_each(
    plan_id: int, sold: Cast
) -> None:
    before = found(plan_id)
    _add(plan_id, Hire(sold.organisation.north, date(2026, 4, 1), heads=2, ramp_days=0))
    _add(plan_id, Absence(sold.organisation.sara, date(2026, 7, 1), date(2026, 7, 31)))
    after = found(plan_id)

    def step(count: Count, month: int) -> float:
        return float(after.figures[count][0, month - 1] - before.figures[count][0, month - 1])

    for count in (Count.PEOPLE, Count.SELLERS, Count.FTE, Count.RAMPED):
        assert step(count, 3) == 0
        assert step(count, 4) == pytest.approx(2), count
    assert step(Count.SELLERS, 7) == 2, "who is absent still holds a seat"
    assert step(Count.FTE, 7) == pytest.approx(1) and step(Count.AWAY, 7) == pytest.approx(1)
    assert after.year_of(Count.PEOPLE, COMPANY) > after.year_of(Count.SELLERS, COMPANY)


def test_rows_sum_to_units_and_capacity_is_ramped_time_by_the_teams_rate(plan_id: int) -> None:
    one = found(plan_id)
    inside = [row.at for row in one.rows]
    for count in (Count.FTE, Count.RAMPED, Count.CAPACITY, Count.STREET):
        assert one.details[count].sum(axis=0) == pytest.approx(one.figures[count][0])
    assert one.basis is not None and set(inside) <= set(one.units)
    expected = sum(
        one.basis.law_of(row.at).minor
        * float((one.details[Count.RAMPED][at] * _season(one, plan_id)).sum())
        for at, row in enumerate(one.rows)
    )
    assert one.year_of(Count.CAPACITY, COMPANY) == pytest.approx(expected, rel=0.02)


def _season(one: PlanCapacity, plan_id: int) -> Any:
    from perilune.planning.queries.capacity_model import season_of

    content = queries.loaded_plan(plan_id).content
    daily = season_of(content, one.year)
    return np.array(
        [daily[(m.start - one.year.start).days : (m.end - one.year.start).days + 1].sum()
         for m in one.months]
    )  # fmt: skip


def test_rule_24_outside_the_circle_planned_people_are_an_unnamed_reserve_or_not_there(
    plan_id: int, sold: Cast
) -> None:
    _add(plan_id, Hire(sold.organisation.north, date(2026, 1, 1), ramp_days=0))
    named, unnamed = found(plan_id), found(plan_id, is_circle=False)
    assert any(row.unit.startswith("rep:-") for row in named.rows)
    assert not any(row.unit.startswith("rep:-") or row.is_reserve for row in unnamed.rows), (
        "the whole company has fewer than five sellers: nobody could be hidden among them"
    )
    assert unnamed.figures[Count.PEOPLE][0, 0] == named.figures[Count.PEOPLE][0, 0] - 1


@given(st.lists(st.integers(0, 8), min_size=2, max_size=5))
def test_rule_24_a_reserve_lands_at_five_reps_or_more_and_never_below(sizes: list[int]) -> None:
    units = {COMPANY: UnitRow(COMPANY)}
    rep = 0
    for team, size in enumerate(sizes, 1):
        above = COMPANY if team == 1 else f"team:{team - 1}"
        units[f"team:{team}"] = UnitRow(f"team:{team}", above)
        for _each in range(size):
            rep += 1
            units[f"rep:{rep}"] = UnitRow(f"rep:{rep}", f"team:{team}")
    listed = [unit for unit, row in units.items() if row.kind == "rep"]
    level = landing(f"team:{len(sizes)}", sizes_of(Content(units=units), listed))
    below = {
        f"team:{at}": sum(sizes[at - 1 :]) for at in range(1, len(sizes) + 1)
    } | {COMPANY: sum(sizes)}  # fmt: skip
    assert (level is None and sum(sizes) < 5) or (level is not None and below[level] >= 5)


@given(st.lists(st.lists(st.floats(0, 9), min_size=2, max_size=2), min_size=1, max_size=9))
def test_the_root_of_a_tree_holds_every_row(values: list[list[float]]) -> None:
    parents = [-1, 0, 1, 1]
    where = np.arange(len(values)) % 4
    summed = up(parents, where, np.array(values))
    assert summed[0] == pytest.approx(np.array(values).sum(axis=0))


def test_laws_say_what_they_were_learnt_from_or_why_nothing_is_claimed(plan_id: int) -> None:
    loaded = queries.loaded_plan(plan_id)
    one = laws(loaded.head, loaded.content, ALL, company().today)
    assert one.ramp.reason == "too few reps" and {
        one.returns.law(by).reason for by in Abscissa
    } == {"too few units"}
    assert one.returns.counted is None and one.returns.twice == 2
    change = one.rises.changes[Change.TERRITORY]
    assert (change.source, change.share) == (Source.STATED, STATED_KEPT)
    assert one.told == {Change.SEAT}, "no record tells a change of product or of territory"
    rates = {rate.unit: rate.minor for rate in one.teams}
    inputs = basis(loaded.head, loaded.content, ALL, company().today)
    for team in inputs.teams:
        assert rates[team] == pytest.approx(inputs.law_of(team).minor), "one figure on every page"
    assert all(rate.low is None for rate in one.teams), "no spread of fewer than five"


def test_accounts_bring_less_each_where_the_curve_tells_reps_left_out_and_four_in_five_hold() -> (
    None
):
    inside, claimed = [], 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        accounts = np.exp(rng.uniform(2, 4, 60))
        law = saturation(accounts, 1000 * accounts**0.4 * np.exp(0.1 * rng.standard_normal(60)))
        assert not law.reason and law.skill > 0.3
        assert law.at(2 * law.held) == pytest.approx(law.booked * 2**law.exponent)
        inside.append(law.low <= 0.4 <= law.high)
        none = saturation(accounts, np.exp(0.1 * rng.standard_normal(60)))
        claimed += not none.reason
    assert 0.7 <= np.mean(inside) <= 0.9
    assert claimed <= 15, "bookings that do not hang on accounts are seldom said to"


def test_a_change_of_seat_costs_only_what_its_interval_says() -> None:
    rng = np.random.default_rng(1)
    before = np.full(12, 100.0)
    few = kept(before[:4], before[:4], rng)
    assert (few.source, few.share, few.reason) == (Source.STATED, STATED_KEPT, "too few changes")
    none = kept(before, before, rng)
    assert (none.source, none.share, none.reason) == (Source.LEARNT, 1.0, "no loss is seen")
    lost = kept(before, np.linspace(50, 70, 12), rng)
    assert lost.source is Source.LEARNT and lost.share == pytest.approx(0.6) and lost.high < 0.7


@pytest.mark.django_db
def test_the_pages_show_each_count_and_the_drawer_its_definition_and_people(
    plan_id: int, client: Client
) -> None:
    login(client, "director")
    shown = _text(client.get(f"/plan/{plan_id}/capacity/?show=fte"))
    for word in ("People, all roles", "Ramped FTE", "Street quotas", "absence taken off"):
        assert word in shown
    why = _text(client.get(f"/plan/{plan_id}/capacity/why/fte/?unit=company&month=3"))
    assert "absence taken off" in why and "Rita" in why and "Mar 2026" in why
    assert client.get(f"/plan/{plan_id}/capacity/why/nothing/").status_code == 404
    assert client.get(f"/plan/{plan_id}/capacity/why/fte/?month=13").status_code == 404
    rests = _text(client.get(f"/plan/{plan_id}/capacity/laws/"))
    assert "No ramp is learnt" in rests and "never a person" in rests
    for who, status in (("analyst", 404), ("rep", 403)):
        other = Client()
        login(other, who)
        assert other.get(f"/plan/{plan_id}/capacity/").status_code == status, who


def _text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def test_of_accounts_and_potential_the_better_on_reps_left_out_counts_unless_somebody_says() -> (
    None
):
    rng = np.random.default_rng(3)
    potential = np.exp(rng.uniform(2, 4, 60))
    accounts = potential * np.exp(0.5 * rng.standard_normal(60))
    booked = 1000 * potential**0.5 * np.exp(0.1 * rng.standard_normal(60))
    known = np.where(np.arange(60) < 50, potential, np.nan)
    reps, one, other = beside(accounts, known, booked)
    assert reps == 50 and 0 < one < other, "compared on the reps of whom both are known"
    by = {Abscissa.ACCOUNTS: saturation(accounts, booked),
          Abscissa.POTENTIAL: saturation(known, booked)}  # fmt: skip
    assert by[Abscissa.POTENTIAL].reps == 50
    skills = {Abscissa.ACCOUNTS: one, Abscissa.POTENTIAL: other}

    def told(choice: ReturnsChoice) -> tuple[Abscissa | None, float]:
        found = Returns(choice, by, reps, skills)
        return found.counted, found.twice

    better = told(ReturnsChoice())
    assert better == (Abscissa.POTENTIAL, 2 ** (1 - by[Abscissa.POTENTIAL].exponent))
    assert told(ReturnsChoice(Abscissa.ACCOUNTS))[0] is Abscissa.ACCOUNTS
    assert told(ReturnsChoice(None, 1.5)) == (None, 1.5)


def test_what_counts_is_kept_on_the_page_and_a_wrong_value_is_refused(
    plan_id: int, client: Client
) -> None:
    login(client, "director")
    address = f"/plan/{plan_id}/capacity/returns/"
    for posted, kept_ in (("150", 1.5), ("90", 1.5), ("", 2.0)):
        client.post(address, {"by": "potential", "twice": posted})
        loaded = queries.loaded_plan(plan_id)
        one = laws(loaded.head, loaded.content, ALL, company().today).returns
        assert (one.twice, one.choice.by) == (kept_, Abscissa.POTENTIAL)
    assert "Potential per rep" in client.get(f"/plan/{plan_id}/capacity/laws/").content.decode()
