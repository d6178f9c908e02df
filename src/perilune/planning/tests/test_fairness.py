"""Fairness of quotas: what stands out and why, what attainment to expect, cut to the reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.testing import login
from perilune.planning import queries, service
from perilune.planning.contracts import Level, OutlierKind, QuotaRow
from perilune.planning.engine.fairness import attainments, leant, spread_left, stand_out
from perilune.planning.queries.fairness import quota_fairness
from perilune.planning.queries.tenure import tenures, year_behind
from perilune.store import service as store

pytestmark = pytest.mark.once

ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
KNOWN = datetime(2023, 1, 2, tzinfo=UTC)


def row(unit: str, quota: int | None, potential: int | None, booked: int, there: float = 1.0):
    return QuotaRow(unit, "team:1", quota, 10, 0, potential, booked, there)


@pytest.mark.engine
def test_what_is_far_from_the_middle_stands_out_with_its_reason() -> None:
    rows = [row(f"rep:{n}", 40, 100, 40) for n in range(5)]
    rows += [row("rep:6", 70, 100, 70), row("rep:7", 40, 100, 15), row("rep:8", 120, 100, 110),
             row("rep:9", 40, 100, 1, there=0.2), row("rep:10", 40, None, 40),
             row("rep:11", None, 100, 40)]  # fmt: skip
    found = {one.unit: one.outliers for one in stand_out(rows)}
    assert found["rep:0"] == ()
    assert found["rep:6"] == (OutlierKind.HIGH_ON_POTENTIAL,)
    assert found["rep:7"] == (OutlierKind.HIGH_ON_BOOKED,)
    assert found["rep:8"] == (OutlierKind.BEYOND, OutlierKind.HIGH_ON_POTENTIAL)
    assert found["rep:9"] == ()  # hardly there in the year before
    assert found["rep:10"] == (OutlierKind.NO_POTENTIAL,)
    assert found["rep:11"] == (OutlierKind.NO_QUOTA,)


@pytest.mark.engine
def test_a_short_first_year_is_not_compared_with_bookings() -> None:
    rows = [row(f"rep:{n}", 40, 100, 40) for n in range(5)]
    rows += [replace(row("rep:6", 40, 100, 1), tenure=0.3), row("rep:7", 40, 100, 1)]
    found = {one.unit: one for one in stand_out(rows)}
    assert (found["rep:6"].on_booked, found["rep:6"].outliers) == (None, ())
    assert found["rep:7"].outliers == (OutlierKind.HIGH_ON_BOOKED,)


@pytest.mark.engine
def test_a_reps_own_year_counts_by_how_much_of_it_lasts() -> None:
    one, rate = np.array([1.0]), np.array([100.0])
    # skill and luck of the same size: half of a good year lasts
    assert leant(np.array([200.0]), one, rate, 0.3 * one, 0.3 * one)[0] == pytest.approx(150.0)
    assert leant(np.array([200.0]), one, rate, 0.0 * one, 0.3 * one)[0] == pytest.approx(100.0)
    assert leant(np.array([200.0]), one, rate, 0.3 * one, 0.0 * one)[0] == pytest.approx(200.0)
    assert leant(np.array([9.0]), 0.1 * one, rate, 0.3 * one, 0.3 * one)[0] == 100.0
    assert spread_left(0.3 * one, 0.3 * one, one)[0] == pytest.approx(0.3 * np.sqrt(0.5))


@pytest.mark.engine
@given(st.integers(5, 9), st.integers(0, 2**16))
def test_shares_of_attainment_sum_to_one_and_fewer_than_five_are_not_told(reps, seed) -> None:
    rng = np.random.default_rng(seed)
    reached, quota = rng.gamma(2, 50, (40, reps)), np.full(reps, 100.0)
    units = [f"rep:{n}" for n in range(reps)]
    teams = ["team:1"] * 4 + ["team:2"] * (reps - 4)
    found = attainments(reached, quota, units, teams)
    assert found is not None
    assert found.shares.sum() == pytest.approx(1.0)
    assert found.whole.over == pytest.approx((reached >= 100).mean())
    assert all(band.reps >= 5 for band in found.teams)
    assert "team:1" not in {band.unit for band in found.teams}
    assert attainments(reached[:, :4], quota[:4], units[:4], teams[:4]) is None


@pytest.fixture
@made_once
def plan(sold) -> int:
    org = sold.organisation
    worth = {"rita": 1_000_000, "rolf": 100_000, "sara": 2_000_000}
    with change_set(actor="test", title="accounts", known_at=KNOWN) as w:
        for name, euros in worth.items():
            values = {"name": name, "annual_revenue": euros * 100, "currency": "EUR"}
            w.create("account", {**values, "owner_id": getattr(org, name)})
    store.refresh()
    service.choose_potential("annual_revenue", **BY)
    made = service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.25), **BY)
    service.reconcile(made, 1, **BY)
    return made


@pytest.mark.django_db
def test_quotas_stand_beside_the_potential_of_the_reps_accounts(plan, sold) -> None:
    org = sold.organisation
    view = queries.plan(plan, ALL, "director")
    found = quota_fairness(view, ALL, company().today)
    by_unit = {one.unit: one for one in found.rows}
    rita = by_unit[f"rep:{org.rita}"]
    assert (rita.accounts, rita.potential) == (1, 1_000_000_00)
    # the twelve months up to 15 December 2025: twelve tenths of a month, December double
    assert rita.booked == 13 * 20_000_00
    assert rita.quota == view.content.year(Level.STREET, rita.unit)
    assert by_unit[f"rep:{org.rolf}"].outliers == (OutlierKind.BEYOND,)
    assert found.street == sum(one.quota or 0 for one in found.rows)
    assert found.potential == found.all_potential == 3_100_000_00
    # three reps: a distribution would be about persons
    assert found.spread_out is None
    assert "five reps" in found.untold


@pytest.mark.django_db
def test_who_came_in_the_year_reads_less_than_a_year_on_fairness_and_targets(
    plan, sold, client
) -> None:
    org, at = sold.organisation, company().today
    known = datetime(2025, 12, 1, tzinfo=UTC)
    with change_set(actor="test", title="hired late", known_at=known) as w:
        w.change("rep", org.sara, {"hire_date": date(2025, 9, 1)})
    store.refresh()
    held = tenures(*year_behind(at), at)
    assert held[org.rita] == 1.0
    assert held[org.sara] == pytest.approx(106 / 365)
    found = quota_fairness(queries.plan(plan, ALL, "director"), ALL, at)
    whole = {one.unit: one.is_whole_year for one in found.rows}
    assert whole == {f"rep:{org.rita}": True, f"rep:{org.rolf}": True, f"rep:{org.sara}": False}
    login(client, sold.director)
    for address, said in (("fairness/", 1), ("", 1)):
        page = client.get(f"/plan/{plan}/{address}").content.decode()
        assert page.count("less than a year") >= said, address


@pytest.mark.django_db
def test_a_plan_without_quotas_says_so(sold) -> None:
    made = service.create_plan("empty", 2026, **BY)
    with pytest.raises(Invalid):
        quota_fairness(queries.plan(made, ALL, "director"), ALL, company().today)


@pytest.mark.django_db
def test_a_manager_reads_their_own_reps_and_no_simulation(plan, sold) -> None:
    service.submit_plan(plan, queries.loaded_plan(plan).head.edition, **BY)
    manager, rep = Client(), Client()
    login(manager, sold.sales_manager)
    page = manager.get(f"/plan/{plan}/fairness/").content.decode()
    assert "Rita" in page
    assert "Sara" not in page
    assert "sales operations simulates the whole" in page
    assert manager.get(f"/plan/{plan}/fairness.xlsx").status_code == 200
    login(rep, sold.rep)
    assert rep.get(f"/plan/{plan}/fairness/").status_code == 403
