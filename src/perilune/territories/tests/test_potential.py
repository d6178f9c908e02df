"""Potential of accounts: a field that the plan names, what is not known, the room left."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from perilune.crm.testing import KNOWN
from perilune.history.service import change_set
from perilune.history.testing import made_once
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.scope import Scope
from perilune.people.queries import scope_for
from perilune.people.testing import login
from perilune.store import service as store
from perilune.territories import queries, service
from perilune.territories.contracts import Attribute
from perilune.territories.testing import Ground, make_ground

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
ALL = Scope.company()
BY: dict[str, Any] = {"actor": "analyst", "scope": ALL}
REVENUE = "field:annual_revenue"
BARE = 4
"""Accounts without revenue: two without a place, two of the book."""


@pytest.fixture
def ground() -> Ground:
    return make_ground()


@pytest.fixture
@made_once
def plan(ground: Ground) -> int:
    return service.create_draft("Autumn", [Attribute("accounts", 0.1)], **BY)


def _sheet(plan: int, scope: Scope = ALL, actor: str = "analyst") -> Any:
    return queries.sheet(plan, scope, actor)


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_without_a_field_no_potential_is_shown(plan: int) -> None:
    sheet = _sheet(plan)
    assert sheet.potential is None
    assert sheet.total.potential is None and sheet.total.room is None and sheet.total.unknown == 0


def test_room_is_the_potential_that_is_known_less_what_those_accounts_booked(
    plan: int, ground: Ground
) -> None:
    service.change_settings(plan, 1, potential=REVENUE, **BY)
    sheet = _sheet(plan)
    # revenue of account i is 100,000 x (1 + i % 7) minor units; every fifth booked 50,000
    revenue = sum(100_000 * (1 + i % 7) for i in range(40))
    assert sheet.total.potential == revenue
    assert sheet.total.room == revenue - 8 * 50_000
    assert sheet.total.unknown == BARE
    assert sum(row.potential for row in sheet.territories) == revenue
    assert sum(row.unknown for row in sheet.territories) == BARE
    assert sum(row.room for row in sheet.reps) == sheet.total.room


def test_an_amount_without_a_rate_is_not_known_and_its_bookings_take_no_room(
    ground: Ground,
) -> None:
    with change_set(actor="test", title="", known_at=KNOWN) as w:
        w.change("account", ground.accounts[0], {"currency": "USD"})
    store.refresh()
    # balanced otherwise: what is kept in memory goes by the arrays of a snapshot
    plan = service.create_draft("Fresh", [Attribute("bookings", 0.1)], **BY)
    service.change_settings(plan, 1, potential=REVENUE, **BY)
    total = _sheet(plan).total
    revenue = sum(100_000 * (1 + i % 7) for i in range(1, 40))
    assert total.unknown == BARE + 1 and total.potential == revenue
    assert total.room == revenue - 7 * 50_000


def test_a_number_that_is_no_money_leaves_no_room(plan: int) -> None:
    service.change_settings(plan, 1, potential="field:headcount", **BY)
    total = _sheet(plan).total
    assert total.potential == sum(5 + i % 3 for i in range(40)) and total.room is None


def test_it_follows_a_move_and_goes_with_a_copy(plan: int, ground: Ground) -> None:
    service.change_settings(plan, 1, potential=REVENUE, **BY)
    before = _sheet(plan).territories
    points = queries.points(plan, ALL, "analyst")
    unit = points["units"][list(points["ids"]).index(ground.accounts[0])]
    service.move_units(plan, 2, [unit], 2, **BY)
    after = _sheet(plan).territories
    assert after[2].potential == before[2].potential + 100_000
    copy = service.clone_draft(plan, "Copy", **BY)
    assert _sheet(copy).total.potential == _sheet(plan).total.potential


def test_who_sees_a_part_sees_its_potential_alone_and_changes_no_setting(
    plan: int, ground: Ground
) -> None:
    service.change_settings(plan, 1, potential=REVENUE, **BY)
    nora = scope_for(ground.cast.sales_manager)
    sheet = _sheet(plan, nora, "sales_manager")
    whole = _sheet(plan)
    assert 0 < sheet.total.potential < whole.total.potential
    with pytest.raises(Refused):
        service.change_settings(plan, 2, potential="", actor="sales_manager", scope=nora)


def test_a_field_that_is_no_number_of_accounts_is_refused(plan: int) -> None:
    for key in ("field:segment", "accounts", "field:latitude", "nonsense"):
        with pytest.raises(Invalid, match="potential"):
            service.change_settings(plan, 1, potential=key, **BY)


def test_the_studio_chooses_it_and_sheet_and_comparison_show_it(client: Client, plan: int) -> None:
    login(client, "analyst")
    shown = text_of(client.get(f"/territories/{plan}/"))
    assert "Field that stands for potential" in shown and "Potential:" not in shown
    form = {"edition": "1", "potential": REVENUE}
    assert client.post(f"/territories/{plan}/potential/", form).status_code == 302
    shown = text_of(client.get(f"/territories/{plan}/"))
    assert "Potential: Annual revenue" in shown and "Headroom" in shown
    assert "The potential of 4 accounts is not known" in shown
    stale = client.post(f"/territories/{plan}/potential/", form, follow=True)
    assert "changed this plan meanwhile" in text_of(stale)
    copy = service.clone_draft(plan, "Copy", **BY)
    beside = text_of(client.get(f"/territories/{plan}/compare/?with={copy}"))
    assert "Potential: Annual revenue" in beside and "Headroom" in beside
    assert beside.count("The potential of 4 accounts") == 1, "what both say is said once"
