"""Plan against actual: due by the season, each gap against its level, levers as measured."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from typer.testing import CliRunner

from perilune.history.testing import made_once
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid
from perilune.kernel.ranges import Range
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Foretold
from perilune.people.queries import scope_for
from perilune.people.testing import login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import Level, Source
from perilune.planning.contracts.landings import Part
from perilune.planning.queries import landing as landing_module
from perilune.planning.queries.gaps import plan_gap
from perilune.planning.queries.landing import landing
from perilune.planning.queries.plans import loaded_plan

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
EURO = 100
JUNE = AsOf(datetime(2025, 6, 30, 21, 59, tzinfo=UTC), date(2025, 6, 30))
YEAR = 780_000
"""What each year brings: eleven months of 60,000 and a December of 120,000."""


@pytest.fixture
@made_once
def plan(sold) -> int:
    made = service.create_plan("2025", 2025, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    service.reconcile(made, 1, **BY)
    return made


def test_what_is_due_by_june_leaves_december_its_weight(plan) -> None:
    found = plan_gap(queries.plan(plan, ALL, "director"), ALL, JUNE)
    lead = found.rows[0]
    assert (lead.unit, lead.level) == ("company", Level.OPERATING)
    assert (found.season.source, found.season.years) == (Source.LEARNT, 2)
    assert found.share_due == pytest.approx(6 / 13)
    assert lead.pace.target == round(YEAR * 1.1) * EURO
    assert lead.pace.booked == 6 * 60_000 * EURO
    assert lead.pace.pace == pytest.approx(1 / 1.1, rel=1e-6)
    assert lead.pace.projected == pytest.approx(YEAR * EURO, abs=1)
    assert lead.pace.gap == lead.pace.target - lead.pace.booked


def test_booked_and_planned_add_up_by_month_and_the_future_is_unknown(plan) -> None:
    found = plan_gap(queries.plan(plan, ALL, "director"), ALL, JUNE)
    booked = [one.actual for one in found.months]
    assert booked == [n * 60_000 * EURO for n in range(1, 7)] + [None] * 6
    assert found.months[-1].planned == found.rows[0].pace.target


def test_teams_and_reps_stand_against_their_own_level_and_sum_to_the_company(plan) -> None:
    found = plan_gap(queries.plan(plan, ALL, "director"), ALL, JUNE)
    against = {(row.unit.partition(":")[0], row.level) for row in found.rows}
    assert {("team", Level.OPERATING), ("rep", Level.STREET)} <= against
    reps = sum(row.pace.booked for row in found.rows if row.unit.startswith("rep:"))
    assert reps + (found.outside or 0) == found.rows[0].pace.booked


def test_a_lever_moves_the_rest_of_the_year_and_one_that_never_moved_claims_nothing(plan) -> None:
    closing = plan_gap(queries.plan(plan, ALL, "director"), ALL, JUNE).closing
    assert closing is not None
    by_name = {lever.name: lever for lever in closing.levers}
    # bigger Decembers: bookings went one to one with the size of deals
    size = by_name["deal_size"]
    assert size.source is Source.LEARNT
    assert size.elasticity == pytest.approx(1.0)
    rest = YEAR - 6 * 60_000
    assert size.needed == pytest.approx((YEAR * 1.1 - 6 * 60_000) / rest - 1, rel=1e-6)
    # every deal was won, five days after its creation
    assert {by_name[name].source for name in ("win_rate", "cycle")} == {Source.STATED}


def test_the_three_answers_lead_into_one_another_to_the_cent(plan, monkeypatch) -> None:
    told = Foretold(36_000_000.0, 20_000_000.0, 15_000_000.0, Range(6e7, 7.2e7, 8e7, 7.1e7))
    monkeypatch.setattr(landing_module, "FORETELLERS", [lambda *_asked: told])
    found = landing(queries.plan(plan, ALL, "director"), ALL, JUNE)
    assert found is not None and found.pace and found.chances and found.forecast
    assert found.booked == 6 * 60_000 * EURO
    to_chances, to_forecast = (
        {step.part: step.minor for step in walk} for walk in (found.to_chances, found.to_forecast)
    )
    assert list(to_chances) == [Part.SEASON, Part.PEOPLE, Part.CHANCE]
    assert found.pace + sum(to_chances.values()) == round(found.chances.p50)
    assert round(found.chances.p50) + sum(to_forecast.values()) == round(found.forecast.p50)
    # what people bring goes, to the last cent, and what is won is one figure: no step
    assert to_forecast[Part.PEOPLE_OFF] == found.booked - round(found.chances.p50)
    assert Part.WON not in to_forecast
    assert (to_forecast[Part.OPEN_DEALS], to_forecast[Part.NEW_BUSINESS]) == (2e7, 1.5e7)
    assert to_forecast[Part.MIDDLE] == 1e6


def test_what_is_missing_says_why_and_leads_nowhere(plan, monkeypatch, cast) -> None:
    monkeypatch.setattr(landing_module, "FORETELLERS", [lambda *_asked: None])
    found = landing(queries.plan(plan, ALL, "director"), ALL, JUNE)
    assert found is not None
    assert (found.forecast, found.to_forecast) == (None, ())
    assert found.to_chances and found.no_forecast and not found.no_chances
    # the year is over, or has not begun: nothing is to be led into one another
    late = AsOf(datetime(2025, 12, 31, 22, 59, tzinfo=UTC), date(2025, 12, 31))
    assert landing(queries.plan(plan, ALL, "director"), ALL, late) is None


def test_the_pages_of_gap_and_chances_show_where_the_year_lands(plan, client, cast) -> None:
    login(client, cast.director)
    for page in ("gap", "chances"):
        html = client.get(f"/plan/{plan}/{page}/?as_of=2025-06-30").content.decode()
        assert f'hx-get="/plan/{plan}/landing/"' in html
    html = client.get(f"/plan/{plan}/landing/?as_of=2025-06-30").content.decode()
    assert "Year at this pace" in html and "Middle of the simulated years" in html
    assert "People who are planned to be there" in html


def test_a_year_that_has_not_begun_has_no_actual(sold) -> None:
    made = service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    with pytest.raises(Invalid, match="not begun"):
        plan_gap(queries.plan(made, ALL, "director"), ALL, JUNE)


def test_a_manager_sees_their_reps_and_no_company(plan, cast) -> None:
    edition = loaded_plan(plan).head.edition
    service.submit_plan(plan, edition, **BY)
    scope, actor = scope_for(cast.sales_manager), cast.sales_manager.username
    found = plan_gap(queries.plan(plan, scope, actor), scope, JUNE)
    org = cast.organisation
    seen = {row.unit for row in found.rows}
    assert {f"rep:{org.rita}", f"rep:{org.rolf}"} <= seen
    assert not seen & {"company", f"rep:{org.sara}"}
    assert (found.outside, found.closing) == (None, None)
    team = next(row for row in found.rows if row.unit == f"team:{org.north}")
    assert team.pace.booked == 6 * 30_000 * EURO


def test_the_page_and_the_command_say_the_same(plan, client, cast) -> None:
    login(client, "director")
    text = client.get(f"/plan/{plan}/gap/?as_of=2025-06-30").content.decode()
    assert f'href="/settings/reps/{cast.organisation.rita}/"' in text, "a rep's name is a link"
    assert "What would close the gap" in text
    assert "no claim: not measured" in text
    ran = CliRunner().invoke(app, ["gap", "--plan", "2025", "--as-of", "2025-06-30", "--json"])
    told = json.loads(ran.stdout)
    assert (told["units"][0]["level"], told["units"][0]["booked"]) == ("operating", "360000.00")
    assert told["closing"]["against"] == "operating"
    claims = {
        one["lever"]: (one["claim"], one["needed"] is None) for one in told["closing"]["levers"]
    }
    assert claims["win_rate"] == ("no claim", True)
    assert claims["deal_size"] == ("measured", False)
