"""What the tests of planning stand on: the small company with one user of every role."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
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
