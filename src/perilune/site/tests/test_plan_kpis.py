"""Measures of a plan: owner, target, threshold; the distance is that of a trigger."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from perilune.crm.testing import make_book
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.people.testing import cast, login
from perilune.planning import queries, service
from perilune.planning.contracts.kpi import KpiAsked
from perilune.site import contingencies as triggers
from perilune.site import plan_kpis as model
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
WON = KpiAsked("won_amount", "2026-Q2", "director", triggers.BELOW, 80_000.0, 50_000.0)


@pytest.fixture
@made_once
def plan_id(db: None) -> int:
    make_book(cast())
    store.refresh()
    return service.create_plan("Plan 2026", 2026, **BY)


def test_the_distance_is_that_of_a_trigger_and_the_target_is_its_own(plan_id: int) -> None:
    service.set_kpi(plan_id, WON, triggers.figures(), **BY)
    [one] = model.followed(queries.kpis(plan_id), company().today, ALL)
    # 700 euros won in the quarter: 200 above the threshold, 100 short of the target
    assert one.value == 70_000 and one.distance == 20_000
    assert not one.is_reached and not one.is_near and not one.is_on_target
    changed = KpiAsked("won_amount", "2026-Q2", "director", triggers.BELOW, 90_000.0, 71_000.0)
    service.set_kpi(plan_id, changed, triggers.figures(), **BY)
    [again] = model.followed(queries.kpis(plan_id), company().today, ALL)
    assert again.kpi.id == one.kpi.id and again.is_reached and again.distance == -1_000


def test_wrong_measures_are_named_and_only_who_sees_the_plan_chooses(plan_id: int) -> None:
    wrong = {
        "figure": KpiAsked("nothing", "2026", "director", "below", 2.0, 1.0),
        "owner": KpiAsked("won_amount", "2026", "rep", "below", 2.0, 1.0),
        "threshold": KpiAsked("won_amount", "2026", "director", "below", 1.0, 2.0),
        "period": KpiAsked("won_amount", "20x6", "director", "below", 2.0, 1.0),
    }
    for field, asked in wrong.items():
        with pytest.raises(Invalid) as caught:
            service.set_kpi(plan_id, asked, triggers.figures(), **BY)
        assert [problem.field for problem in caught.value.problems] == [field]
    with pytest.raises(NotFound):
        service.set_kpi(plan_id, WON, triggers.figures(), actor="ops_manager", scope=ALL)


def test_the_page_follows_a_measure_and_the_cockpit_shows_it_once_the_plan_is_in_force(
    plan_id: int, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    login(client, "director")
    address = f"/plan/{plan_id}/kpis/"
    assert "followed by no measure yet" in client.get(address).content.decode()
    given = {"figure": "won_amount", "period": "2026-Q2", "owner": "director",
             "comparison": "below", "target": "800", "threshold": "500"}  # fmt: skip
    assert client.post(address, given).status_code == 302
    [kpi] = queries.kpis(plan_id)
    assert (kpi.target, kpi.threshold) == (80_000.0, 50_000.0)
    shown = client.get(address).content.decode()
    assert "Off target" in shown and "No threshold is reached" in shown
    box = "What the plan is followed by"
    assert box not in client.get("/cockpit/").content.decode(), "a draft is not followed there"
    from dataclasses import replace

    from perilune.planning.queries import kpi as source

    heads = [replace(head, is_in_force=True) for head in queries.plans(ALL, "director")]
    monkeypatch.setattr(source, "plans", lambda scope, actor: heads)
    assert box in client.get("/cockpit/").content.decode()
    now = client.get("/cockpit/later/site.plan_kpis_now/?period=2026-Q2")
    assert "Off target" in now.content.decode()
    client.post(f"{address}{kpi.id}/remove/")
    assert queries.kpis(plan_id) == []
