"""Plans that wait for a word are told to whoever may give it, on the home and in notices."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from perilune.kernel.scope import Scope
from perilune.people.contracts import RIGHTS, Role
from perilune.people.queries import company
from perilune.people.testing import Cast, login
from perilune.planning import service
from perilune.planning.contracts import Hire, Level, Place, UnitRow
from perilune.planning.queries import loaded_plan
from perilune.site.approvals import waiting
from perilune.site.watching import lines
from perilune.store import service as store

pytestmark = pytest.mark.django_db(databases=list(settings.DATABASES))
BY: dict[str, Any] = {"actor": "analyst", "scope": Scope.company()}
OTHER: dict[str, Any] = {"actor": "director", "scope": Scope.company()}


def _edition(plan: int) -> int:
    return loaded_plan(plan).head.edition


def _plan(people: Cast) -> int:
    org = people.organisation
    store.refresh()
    year = int(company().calendar.year_of(company().today.day).name) + 1
    plan = service.create_plan("Next year", year, **BY)
    places = {Place(Level.OPERATING, "company", month): 90_000_00 for month in range(1, 13)}
    service.set_cells(plan, 1, places, **BY)
    for rep in (org.rita, org.rolf, org.sara):
        service.set_rule(plan, _edition(plan), UnitRow(f"rep:{rep}", weight=1.0), **BY)
    service.reconcile(plan, _edition(plan), **BY)
    return plan


def _told(username: str, word: str) -> list[str]:
    now = datetime.now(UTC)
    found = lines(username, company().today, Scope.company(), now)
    return [line.message % line.params for line in found if line.key.startswith(word)]


def test_a_submitted_plan_is_told_to_its_checker_and_a_refusal_to_its_author(
    site_cast: Cast, client: Client
) -> None:
    plan = _plan(site_cast)
    service.submit_plan(plan, _edition(plan), **BY)
    assert _told("analyst", "plan") == []
    (told,) = _told("director", "plan:")
    assert "“Next year”, submitted by" in told and "waits for your approval" in told
    login(client, "director")
    assert "Waits for your word" in client.get("/").content.decode()
    service.reject_plan(plan, _edition(plan), "Too much in the north", **OTHER)
    (back,) = _told("analyst", "plan-back:")
    assert "was sent back by" in back and back.endswith("Too much in the north")
    login(client, "analyst")
    assert "Too much in the north" in client.get("/").content.decode()
    rights = RIGHTS[Role.OPS_MANAGER]
    assert waiting("ops_manager", Scope.company(), rights) == []


def test_a_late_line_of_the_season_is_told_to_its_owner(site_cast: Cast) -> None:
    plan = _plan(site_cast)
    line = service.task_save(
        plan, None, "Plan approved", owner="director", due=date(2020, 1, 1), **BY
    )
    (told,) = _told("director", f"task:{line}:")
    assert "is late, it was due on 2020-01-01" in told
    service.task_done(plan, line, True, **BY)
    assert _told("director", f"task:{line}:") == []


def test_a_proposed_scenario_waits_for_the_author_of_the_plan_and_comes_back_with_the_reason(
    site_cast: Cast,
) -> None:
    plan = _plan(site_cast)
    service.change_plan(plan, _edition(plan), shared_with=["director"], **BY)
    made = service.scenario_create("Two more", company().calendar.parse("2027").name,
                                   actor="director")  # fmt: skip
    hire = Hire(site_cast.organisation.north, date(2027, 3, 1), heads=2)
    service.edit_add(made, hire, **OTHER)
    assert _told("analyst", "proposal") == []
    service.propose_scenario(made, plan, **OTHER)
    (told,) = _told("analyst", "proposal:")
    assert told.startswith("Proposed scenario “Two more”, submitted by")
    service.refuse_proposal(plan, made, "No room in the budget", **BY)
    assert _told("analyst", "proposal") == []
    (back,) = _told("director", "proposal-back:")
    assert "Two more" in back and back.endswith("No room in the budget")
