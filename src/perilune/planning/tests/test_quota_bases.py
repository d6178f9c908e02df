"""Overlays apart, quotas by a stated mix of bases, targets by account: exact, seen, taken back."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from perilune.history.testing import made_once
from perilune.kernel.scope import Scope
from perilune.people.queries import company, target
from perilune.people.service import note_import
from perilune.people.testing import Cast, make_assignment, make_rep
from perilune.planning import queries, service
from perilune.planning.contracts import COMPANY, Level, Place
from perilune.planning.queries.plans import seen_units

ALL = Scope.company()
BY: dict[str, Any] = {"actor": "director", "scope": ALL}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": ALL}
NEW_YEAR = date(2026, 1, 1)


def content(plan: int) -> Any:
    return queries.loaded_plan(plan).content


def edition(plan: int) -> int:
    return queries.loaded_plan(plan).head.edition


def is_exact(plan: int) -> bool:
    found = queries.loaded_plan(plan)
    proof = queries.proof(found.head, found.content)
    return bool(proof) and not any(one.difference for one in proof)


@pytest.fixture
@made_once
def apart(sold: Cast) -> tuple[int, int]:
    """A reconciled plan of 2026, and Otto, who has an overlay seat in Team North."""
    otto = make_rep("Otto")
    make_assignment(otto, sold.organisation.north, role="overlay")
    made = service.create_plan("2026", 2026, from_last_year=service.Proposal(0.1, 0.0, 0.0), **BY)
    service.reconcile(made, edition(made), **BY)
    return made, otto


@pytest.mark.django_db
def test_an_overlay_carries_a_quota_that_enters_no_sum_and_is_written_on_the_day(
    apart: tuple[int, int],
) -> None:
    plan, otto = apart
    unit, before = f"overlay:{otto}", content(plan)
    assert before.units[unit].is_apart and unit not in before.children[COMPANY]
    places = {Place(Level.STREET, unit, month): 5_000_00 for month in range(1, 13)}
    service.set_cells(plan, edition(plan), places, **BY)
    service.reconcile(plan, edition(plan), **BY)
    after = content(plan)
    assert after.year(Level.STREET, unit) == 60_000_00
    assert after.year(Level.STREET, COMPANY) == before.year(Level.STREET, COMPANY)
    assert is_exact(plan)
    assert unit in seen_units(after, Scope("own", owners=frozenset({otto})))
    service.submit_plan(plan, edition(plan), **BY)
    service.approve_plan(plan, edition(plan), **OTHER)
    service.publish_plan(plan, edition(plan), NEW_YEAR, **OTHER)
    note_import(NEW_YEAR)
    service.activate_plans()
    year = company().calendar.parse("2026")
    own = target(year, company().today, rep_id=otto)
    whole = target(year, company().today, level="street")
    assert own is not None and own.minor == 60_000_00
    assert whole is not None and whole.minor == after.year(Level.STREET, COMPANY)
