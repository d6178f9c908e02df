"""The quota history of AdventureWorks goes in as quotas and comes out with its own totals."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from perilune.history.service import change_set
from perilune.kernel.scope import Scope
from perilune.people.queries import company, quota_spans, target
from perilune.people.service import note_import
from perilune.people.testing import make_company
from perilune.planning import queries, service
from perilune.planning.contracts import Level, Place
from perilune.planning.queries.plans import loaded_plan

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "quotas"
KNOWN = datetime(2011, 1, 1, tzinfo=UTC)

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not FOLDER.exists(), reason="shared/data/quotas is not here"),
]


def _rows(name: str) -> list[list[str]]:
    text = (FOLDER / name).read_bytes()
    encoding = "utf-16" if text[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    return list(csv.reader(text.decode(encoding).splitlines(), delimiter="\t"))


@pytest.fixture
def history() -> dict[tuple[str, date], int]:
    """Quotas in cents by person and the quarter that begins within a month of their day."""
    found: dict[tuple[str, date], int] = {}
    for _id, person, day, amount, *_rest in _rows("SalesPersonQuotaHistory.csv"):
        at = date.fromisoformat(day[:10])
        months = at.year * 12 + at.month - 1 + (at.day > 15)  # 31 May begins June's quarter
        found[person, date(months // 12, months % 12 + 1, 1)] = round(float(amount) * 100)
    return found


def _ends(starts: date) -> date:
    months = starts.year * 12 + starts.month - 1 + 3
    return date.fromordinal(date(months // 12, months % 12 + 1, 1).toordinal() - 1)


def _reps(history: dict[tuple[str, date], int]) -> dict[str, int]:
    people = sorted({person for person, _day in history})
    with change_set(actor="test", title="reps", known_at=KNOWN) as w:
        return {
            person: w.create("rep", {"name": person, "hire_date": date(2011, 1, 1)})
            for person in people
        }


def test_all_quotas_go_in_and_sum_to_the_totals_of_the_file(history) -> None:
    assert len(history) == 163
    assert len({person for person, _day in history}) == 17
    make_company(currency="USD")
    note_import(date(2014, 12, 31))
    reps = _reps(history)
    with change_set(actor="test", title="quotas", known_at=KNOWN) as w:
        for (person, day), minor in history.items():
            values = {"rep_id": reps[person], "starts": day, "ends": _ends(day)}
            w.create("quota", {**values, "amount": minor, "currency": "USD", "level": "street"})
    today = company().today
    spans = quota_spans(today, today.day, "USD")
    assert sum(minor for by_span in spans.values() for minor in by_span.values()) == sum(
        history.values()
    )
    for person, rep in reps.items():
        own = {day: minor for (who, day), minor in history.items() if who == person}
        assert {first: minor for (first, _l), minor in spans[rep, None, "street"].items()} == own


def test_a_plan_of_the_same_quotas_sums_to_the_cent_at_every_level(history) -> None:
    make_company(currency="USD", fiscal_start_month=6)
    note_import(date(2014, 12, 31))
    reps = _reps(history)
    by: dict[str, Any] = {"actor": "director", "scope": Scope.company()}
    calendar = company().calendar
    year = calendar.year_of(date(2013, 6, 1))
    plan = service.create_plan("2013", int(year.name), **by)
    quarters = calendar.quarters(int(year.name))
    wanted: dict[str, int] = defaultdict(int)
    amounts: dict[Place, int | None] = {}
    for (person, day), minor in history.items():
        for at, quarter in enumerate(quarters):
            if quarter.start <= day <= quarter.end:
                unit = f"rep:{reps[person]}"
                wanted[unit] += minor
                parts = [minor // 3, minor // 3, minor - 2 * (minor // 3)]
                for month, part in enumerate(parts, 3 * at + 1):
                    amounts[Place(Level.STREET, unit, month)] = part
    for month in range(1, 13):
        total = sum(part or 0 for place, part in amounts.items() if place.month == month)
        amounts[Place(Level.OPERATING, "company", month)] = total
    service.set_cells(plan, 1, amounts, **by)
    service.reconcile(plan, 2, **by)
    found = loaded_plan(plan)
    assert {unit: found.content.year(Level.STREET, unit) for unit in wanted} == wanted
    proof = queries.proof(found.head, found.content)
    assert proof and all(check.difference == 0 for check in proof)
    assert target(year, company().today) is None, "a draft writes nobody's quota"
