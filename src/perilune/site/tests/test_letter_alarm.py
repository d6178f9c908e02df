"""The alarm of rule 28: who begins the period without an acknowledged quota letter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from perilune.kernel.scope import Scope
from perilune.people.queries import company, scope_for
from perilune.people.service import note_import
from perilune.people.testing import Cast, cast
from perilune.planning import queries, service
from perilune.planning.contracts import Level, Place, UnitRow
from perilune.site.watching import Line, lines
from perilune.store import service as store

BY: dict[str, Any] = {"actor": "director", "scope": Scope.company()}
OTHER: dict[str, Any] = {"actor": "ops_manager", "scope": Scope.company()}
NOW = datetime(2026, 1, 1, 8, tzinfo=UTC)


def _told(people: Cast, username: str) -> list[Line]:
    user = people.director if username == "director" else people.rep
    found = lines(username, company().today, scope_for(user), NOW)
    return [line for line in found if line.key.startswith("letter:")]


@pytest.mark.django_db
def test_rule_28_day_1_names_each_rep_whose_letter_is_not_acknowledged() -> None:
    people = cast()
    org = people.organisation
    store.refresh()
    note_import(date(2025, 12, 15))
    plan = service.create_plan("2026", 2026, **BY)
    edition = 1
    places = {Place(Level.OPERATING, "company", month): 90_000_00 for month in range(1, 13)}
    service.set_cells(plan, edition, places, **BY)
    for rep in (org.rita, org.rolf, org.sara):
        edition += 1
        service.set_rule(plan, edition, UnitRow(f"rep:{rep}", weight=1.0), **BY)
    service.reconcile(plan, edition + 1, **BY)
    service.submit_plan(plan, edition + 2, **BY)
    service.approve_plan(plan, edition + 3, **OTHER)
    service.publish_plan(plan, edition + 4, date(2026, 1, 1), **OTHER)
    service.make_letters(plan, **BY)
    rows = queries.letters(plan, Scope.company(), "director", company().today)
    (hers,) = [row.letter.id for row in rows if row.letter and row.rep_id == org.rita]
    assert _told(people, "director") == [], "nobody is late before the period begins"
    service.deliver_letters([hers], None, **BY)
    note_import(date(2026, 1, 1))
    service.activate_plans()
    assert [line.params["rep"] for line in _told(people, "director")] == ["Rita", "Rolf", "Sara"]
    (own,) = _told(people, "rep")
    assert own.url == "/plan/letters/", "the rep is asked to acknowledge"
    service.acknowledge_letter(hers, actor="rep", rep_id=org.rita)
    assert [line.params["rep"] for line in _told(people, "director")] == ["Rolf", "Sara"]
    assert _told(people, "rep") == []
