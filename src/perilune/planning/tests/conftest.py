"""What the tests of planning stand on: the small company with one user of every role."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from perilune.history.testing import made_once

if TYPE_CHECKING:
    from pathlib import Path

    from perilune.crm.testing import Book
    from perilune.people.testing import Cast


@pytest.fixture
def cast(db: None) -> Cast:
    from perilune.people.testing import cast as make_cast  # its models need Django, ready by now

    return make_cast()


@pytest.fixture
def book(cast: Cast) -> Book:
    from perilune.crm.testing import make_book

    return make_book(cast)


@pytest.fixture
@made_once
def sold(cast: Cast) -> Cast:
    """Three years: Rita wins 20,000 a month, Rolf 10,000, Sara 30,000; December is double."""
    from perilune.history.service import change_set
    from perilune.people.service import note_import
    from perilune.store import service as store

    org = cast.organisation
    with change_set(actor="test", title="stages", known_at=datetime(2023, 1, 1, tzinfo=UTC)) as w:
        line = w.create("pipeline", {"name": "New business", "position": 1})
        won_stage = w.create("stage", {"pipeline_id": line, "name": "Won", "position": 9,
                                       "meaning": "won", "category": "closed"})  # fmt: skip
    won = {org.rita: 20_000, org.rolf: 10_000, org.sara: 30_000}
    for year in (2023, 2024, 2025):
        for month in range(1, 13):
            day = date(year, month, 10)
            at = datetime(day.year, day.month, day.day, tzinfo=UTC)
            with change_set(actor="test", title="won", known_at=at) as w:
                for rep, euros in won.items():
                    amount = euros * 100 * (2 if month == 12 else 1)
                    values = {"name": f"{rep} {day}", "owner_id": rep, "amount": amount}
                    values |= {"currency": "EUR", "pipeline_id": line, "stage_id": won_stage}
                    created = day - timedelta(days=5)
                    values |= {"close_date": day, "created_date": created}
                    w.create("opportunity", values)
    store.refresh()
    note_import(date(2025, 12, 15))
    return cast


@pytest.fixture
@made_once
def plan(cast: Cast) -> int:
    """90,000 a month over three reps and a planned hire of two, reconciled; on 15 December 2025."""
    from perilune.kernel.scope import Scope
    from perilune.people.service import note_import
    from perilune.planning import service
    from perilune.planning.contracts import Hire, Level, Place, UnitRow
    from perilune.planning.queries.plans import loaded_plan
    from perilune.store import service as store

    by: dict[str, Any] = {"actor": "director", "scope": Scope.company()}

    def edition() -> int:
        return loaded_plan(made).head.edition

    org = cast.organisation
    store.refresh()
    note_import(date(2025, 12, 15))
    made = service.create_plan("Plan 2026", 2026, **by)
    places = {Place(Level.OPERATING, "company", month): 90_000_00 for month in range(1, 13)}
    service.set_cells(made, 1, places, **by)
    service.set_rule(made, edition(), UnitRow(f"team:{org.north}", over=2_500), **by)
    for rep, weight in ((org.rita, 1.0), (org.rolf, 1.7), (org.sara, 2.3)):
        service.set_rule(made, edition(), UnitRow(f"rep:{rep}", weight=weight), **by)
    hire = Hire(org.south, date(2026, 3, 1), heads=2)
    service.people_add(made, edition(), hire, **by)
    assert service.reconcile(made, edition(), **by) == []
    service.change_plan(made, edition(), shared_with=["analyst"], **by)
    return made


def sheet_of(path: Path, rows: list[list[Any]]) -> Path:
    """Return a workbook of one sheet with these rows."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as out:
        page = out.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path
