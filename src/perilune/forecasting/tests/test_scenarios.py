"""Scenarios over the Maven sales: what edits bring, to whom it is shown, as page and as text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings

from perilune.forecasting import queries
from perilune.forecasting.contracts import ScenarioResult
from perilune.forecasting.testing import maven_store
from perilune.forecasting.tests.test_web import signed_in
from perilune.insights.testing import learn_latest
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.scope import Scope
from perilune.people.contracts import Role
from perilune.people.queries import company
from perilune.people.service import company_init
from perilune.planning import service
from perilune.planning.contracts import (
    Assumption,
    Edit,
    Hire,
    Leave,
    Move,
    Price,
    Quota,
    Scenario,
    ScenarioHead,
    Shock,
    What,
)

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))

DAY = date(2017, 11, 15)
AS_OF = AsOf.end_of(DAY, ZoneInfo("UTC"))
EVERY = 999
TEAM, REP, PEER = 11, 101, 102
SOON = date(2017, 11, 16)


@pytest.fixture(scope="module", autouse=True)
def maven(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), maven_store():
        yield


@pytest.fixture(autouse=True)
def home(maven: None) -> None:
    company_init(
        name="Maven", currency="USD", timezone="UTC", country="US", today_mode="archive",
        as_of_day=date(2017, 12, 31),
    )  # fmt: skip


def known() -> None:
    assert learn_latest(AS_OF, EVERY) > 20


def asked(*edits: Edit, scope: Scope | None = None) -> ScenarioResult:
    head = ScenarioHead(1, "What if", "analyst", "2017-Q4", (), 1, len(edits))
    listed = tuple(Assumption(at, edit) for at, edit in enumerate(edits, 1))
    period = company().calendar.parse("2017-Q4")
    return queries.scenario_results(
        (Scenario(head, listed),), period, AS_OF, scope or Scope.company()
    )[0]


def change(found: ScenarioResult) -> tuple[float, float, float]:
    delta = found.total.delta
    assert delta is not None
    return delta.p10, delta.mean, delta.p90


def test_the_empty_scenario_is_the_forecast_itself_to_the_last_cent() -> None:
    known()
    found = asked()
    assert change(found) == (0, 0, 0)
    assert found.total.scenario == found.total.base and not found.teams
    plain = queries.range_for(found.period, queries.default_cut(Scope.company()), AS_OF,
                              Scope.company()).total  # fmt: skip
    assert found.total.base == plain.range


def test_a_hire_adds_to_the_team_and_to_nobody_else() -> None:
    known()
    found = asked(Hire(TEAM, SOON, heads=2, ramp_days=10))
    low, mean, high = change(found)
    assert 0 <= low <= high and mean > 0
    assert [team.unit_id for team in found.teams] == [TEAM]
    assert change(asked(Hire(TEAM, SOON, heads=4, ramp_days=10)))[1] > 1.7 * mean


def test_a_departure_takes_away_and_hands_the_open_deals_over() -> None:
    known()
    found = asked(Leave(REP, DAY))
    low, mean, high = change(found)
    assert mean < 0 and low <= mean <= high
    # new business alone is gone: what is open is won by those who take it over
    assert found.total.base and -mean < found.total.base.mean * 0.1


def test_a_price_multiplies_what_is_still_to_come() -> None:
    known()
    found, base = asked(Price(1.1, SOON)), asked().total.base
    assert base is not None and found.won_to_date is not None
    assert change(found)[1] == pytest.approx(0.1 * (base.mean - found.won_to_date), rel=0.05)


def test_a_worse_win_rate_costs_and_accounts_that_change_hands_do_not() -> None:
    known()
    assert change(asked(Shock(What.WIN_RATE, 0.5, SOON)))[1] < 0
    moved = asked(Move(PEER, SOON, rep_id=REP))
    assert change(moved)[1] == pytest.approx(0, abs=1)


def test_what_cannot_be_applied_is_said_edit_by_edit() -> None:
    known()
    found = asked(Quota("company", "2017-Q4", 5), Leave(999, DAY), Hire(TEAM, date(2019, 1, 1)))
    assert [item.assumption_id for item in found.unapplied] == [1, 2, 3]
    assert "not what is forecast" in found.unapplied[0].why.message
    assert change(found) == (0, 0, 0)


def test_without_a_model_there_is_no_difference_and_the_reason_is_said() -> None:
    found = asked(Price(1.1, SOON))
    assert found.total.delta is None and "No model" in found.unapplied[0].why.message


def test_whoever_sees_groups_alone_is_refused() -> None:
    with pytest.raises(Refused):
        asked(scope=Scope("company", smallest_group=5))


def made(*edits: Edit) -> int:
    id_ = service.scenario_create("Lean year", "2017-Q4", actor="analyst")
    for edit in edits:
        service.edit_add(id_, edit, actor="analyst", scope=Scope.company())
    return id_


def test_the_author_reads_the_answer_and_for_somebody_outside_it_is_not_there() -> None:
    known()
    author, other = signed_in(Role.ANALYST), signed_in(Role.OPS_MANAGER)
    one, two = made(Leave(REP, DAY), Price(0.9, SOON)), made()
    address = f"/plan/scenarios/{one}/results/?as_of=now"
    assert other.get(address).status_code == 404
    with pytest.raises(NotFound):
        queries.scenario_result(
            one, company().calendar.parse("2017-Q4"), AS_OF, Scope.company(), "ops_manager"
        )
    text = author.get(f"/plan/scenarios/{one}/results/?as_of=now").content.decode()
    assert "2017-Q4" in text
    assert two
