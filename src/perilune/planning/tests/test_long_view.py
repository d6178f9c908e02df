"""The long view: its first slice is the plan to the cent, versions, drivers, honest beginnings."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.history.testing import made_once
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.cli import app
from perilune.planning.contracts import COMPANY, Level, LongPath, YearAssumption
from perilune.planning.engine.long_view import PastYear, naive, swings, tried
from perilune.planning.engine.outlook import first_slice, outlook, paths
from perilune.planning.queries.long_view import LongView, long_view, versions

ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
RATE = st.floats(-0.2, 0.3)


@pytest.fixture
@made_once
def plan_id(sold: Cast) -> int:
    made = service.create_plan(
        "Plan 2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.05), **BY
    )
    service.reconcile(made, queries.loaded_plan(made).head.edition, **BY)
    return made


def view(**asked: Any) -> LongView:
    return long_view(ALL, "director", company().today, **asked)


@pytest.mark.django_db
def test_the_first_slice_is_the_plan_to_the_cent_on_every_path(plan_id: int) -> None:
    found = view()
    target = queries.loaded_plan(plan_id).content.year(Level.OPERATING, COMPANY)
    assert [path[0].total for path in (found.low, found.base, found.high)] == [target] * 3
    assert found.first.kept + found.first.new == target
    assert len(found.base) == 10 and len(view(years=5).base) == 5
    assert found.low[-1].total < found.base[-1].total < found.high[-1].total


@pytest.mark.django_db
def test_it_begins_with_what_history_says_and_claims_nothing_of_few_years(plan_id: int) -> None:
    known = view().learnt
    assert known.start("retention").value == 0, "no account stands on the deals of this company"
    assert known.growth == pytest.approx(0.0), "every year of it is the same"
    assert known.start("productivity").value == pytest.approx(0.0)
    assert known.tried.years == 0 and not known.tried.is_better, "35 months tell no past year"
    assert known.start("retention").low is None, "two years apart do not say how years differ"


@pytest.mark.django_db
def test_a_version_is_kept_above_the_last_one_or_says_who_was_faster(plan_id: int) -> None:
    first = view()
    years = tuple(replace(year, heads=5.0) for year in first.document.years)
    document = replace(first.document, years=years)
    assert service.keep_long_view(plan_id, document, 0, note="five", **BY) == 1
    again = view()
    assert again.version is not None and again.document == document
    with pytest.raises(Conflict, match="director kept another version"):
        service.keep_long_view(plan_id, document, 0, **BY)
    assert service.keep_long_view(plan_id, first.document, 1, **BY) == 2
    assert [one.number for one in versions()] == [2, 1]
    assert view(number=1).document == document, "an old version stays as it was"
    with pytest.raises(NotFound):
        view(number=7)
    wrong = replace(document, years=(replace(years[0], retention=-0.1), *years[1:]))
    with pytest.raises(Invalid, match="2027"):
        service.keep_long_view(plan_id, wrong, 2, **BY)


@pytest.mark.django_db
def test_a_market_ends_new_business_and_wanted_growth_says_how_many_it_takes(plan_id: int) -> None:
    found = view()
    assert found.needed[1] is not None and found.needed[1] > 0
    tight = replace(found.document, market=round(found.first.total * 1.01))
    service.keep_long_view(plan_id, tight, 0, **BY)
    capped = view()
    assert any(year.capped > 0 for year in capped.high)
    assert max(year.total for year in capped.base) <= tight.market * (1 + 1e-9)  # type: ignore[operator]


@pytest.mark.django_db
def test_the_page_is_typed_into_kept_and_exported_and_the_command_agrees(
    plan_id: int, client: Client
) -> None:
    login(client, "director")
    shown = _text(client.get("/plan/long/"))
    assert "No version yet" in shown and "What drives the difference" in shown
    hidden = {"plan": str(plan_id), "after": "0", "years": "10"}
    client.post("/plan/long/save/", {**hidden, "year|2027|heads": "4,5", "low||price": "-3 %"})
    kept = versions()[0]
    assert kept.document.years[0].heads == 4.5 and kept.document.low.price == pytest.approx(-0.03)
    client.post("/plan/long/save/", {**hidden, "after": "1", "year|2027|heads": "many"})
    assert len(versions()) == 1, "what is no number is refused"
    client.post("/plan/long/save/", {**hidden, "after": "1", "market": "5000000",
                                     "most_share": "80", "note": "counted"})  # fmt: skip
    assert versions()[0].document.market == 500_000_000 and versions()[0].note == "counted"
    assert client.get("/plan/long/export.xlsx?years=6").status_code == 200
    assert client.get("/plan/long/?version=9").status_code == 404
    result = CliRunner().invoke(app, ["long", "--years", "6", "--json"],
                                env={"PERILUNE_AS": "director"})  # fmt: skip
    document = json.loads(result.output)
    total = f"{view(years=6).base[-1].total / 100:.2f}"
    assert document["base"][-1]["total"] == total and document["version"] == 2
    other = Client()
    login(other, "rep")
    assert other.get("/plan/long/").status_code == 403


@pytest.mark.engine
@given(RATE, RATE, st.floats(0, 0.3), st.floats(-0.9, 0))
def test_each_driver_alone_moves_the_end_as_its_path_does_and_nothing_moves_by_nothing(
    price: float, productivity: float, up: float, down: float
) -> None:
    first = first_slice(2026, 600.0, 400.0, 0.0, 10.0)
    base = LongPath("base", (YearAssumption(0.8, price, 0.0, 10.0, productivity),) * 5)
    low, high = (YearAssumption(0.0, 0.0, 0.0, by, 0.0) for by in (down, up))
    found = {one.driver: one for one in swings(first, base, low, high, 1.0)}
    ends = [outlook(first, path)[-1].total for path in paths(base, low, high)]
    assert found["heads"].low == pytest.approx(ends[0])
    assert found["heads"].high == pytest.approx(ends[2])
    assert found["price"].swing == 0 and found["retention"].low == pytest.approx(ends[1])


@pytest.mark.engine
def test_naive_growth_is_carried_on_and_past_years_are_told_beside_it() -> None:
    assert naive(first_slice(2026, 100.0, 0.0, 0.0, 1.0), 0.1, 3) == pytest.approx((100, 110, 121))
    # 100 then 110: half is kept, 60 are new by 6 heads; 7 heads bring 70 beside 55 kept
    year = PastYear(before=100, last=110, came=125, retention=0.5, heads=6, next_heads=7)
    found = tried([year])
    assert found.method == pytest.approx(0.0) and found.is_better
    assert found.carried == pytest.approx(4 / 125) and found.flat == pytest.approx(15 / 125)
    assert tried([]).method is None


def _text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())
