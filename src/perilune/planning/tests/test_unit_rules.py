"""The rules of a plan's units on their page; over-assignment shown to managers or hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from perilune.history.testing import made_once
from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.people.testing import Cast, login
from perilune.planning import queries, service
from perilune.planning.contracts import COMPANY, Level

pytestmark = pytest.mark.django_db
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}


@pytest.fixture
@made_once
def plan_id(sold: Cast) -> int:
    made = service.create_plan(
        "Plan 2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.05), **BY
    )
    service.reconcile(made, _edition(made), **BY)
    return made


def _edition(plan_id: int) -> int:
    return queries.loaded_plan(plan_id).head.edition


def test_a_rule_is_typed_kept_and_reconciled_by(plan_id: int, sold: Cast, client: Client) -> None:
    login(client, "director")
    rep = f"rep:{sold.organisation.rolf}"
    address = f"/plan/{plan_id}/rules/?unit={rep}"
    assert "Rolf" in _text(client.get(address))
    given = {"weight": "1", "floor": "200000", "cap": "", "over": "0"}
    wrong = client.post(address, {**given, "cap": "1", "edition": _edition(plan_id)})
    assert wrong.status_code == 422 and "floor lies above the cap" in wrong.content.decode()
    kept = client.post(address, {**given, "edition": _edition(plan_id)})
    assert kept.status_code == 302
    service.reconcile(plan_id, _edition(plan_id), **BY)
    year = queries.loaded_plan(plan_id).content.year(Level.STREET, rep)
    assert year is not None and year >= 20_000_000
    stale = client.post(address, {**given, "edition": "1"})
    assert stale.status_code == 422, "somebody else's edition is not overwritten"


def test_over_assignment_is_seen_by_managers_only_where_it_is_shown_and_never_lost(
    plan_id: int, sold: Cast
) -> None:
    north = f"team:{sold.organisation.north}"

    def told(**values: Any) -> None:
        row = queries.loaded_plan(plan_id).content.units[north]
        service.set_rule(plan_id, _edition(plan_id), replace(row, **values), **BY)

    told(over=700)
    service.change_plan(plan_id, _edition(plan_id), shared_with=["sales_manager"], **BY)
    scope = scope_for(sold.sales_manager, company().today)
    assert not scope.sees(sold.organisation.sara)

    def seen() -> int:
        return queries.plan(plan_id, scope, "sales_manager").content.units[north].over

    assert seen() == 0
    row = queries.plan(plan_id, scope, "sales_manager").content.units[north]
    service.set_rule(plan_id, _edition(plan_id), replace(row, weight=3.0), actor="sales_manager",
                     scope=scope)  # fmt: skip
    kept = queries.loaded_plan(plan_id).content.units[north]
    assert (kept.over, kept.weight) == (700, 3.0), "what is hidden is not written over"
    told(is_over_shown=True)
    assert seen() == 700
    assert queries.plan(plan_id, ALL, "director").content.units[COMPANY].is_over_shown is False


def _text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())
