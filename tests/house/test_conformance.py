"""Every named query, one answer: on SQLite and PostgreSQL records, on DuckDB and on Spark.

The answers over the small demo company stand in `answers.json` (rows and a digest, numbers to nine
digits); both lanes of the suite compare with it. PERILUNE_REFRESH=1 records them anew.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from perilune.demo.testing import TODAY, build_small
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Unavailable
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries, service
from perilune.store.contracts import QuerySpec
from perilune.store.testing import both_engines, differences

pytestmark = pytest.mark.django_db(databases=["default", "queue"])
BASELINE = Path(__file__).with_name("answers.json")

STARTS, ENDS = date(2026, 4, 1), date(2026, 6, 30)
GIVEN: dict[str, Any] = {
    "account": 1,
    "any_date": False,
    "any_rep": True,
    "any_team": True,
    "any_unit": False,
    "by": "rep",
    "cards": 5,
    "categories": ["closed", "commit", "best_case"],
    "cohort_from": date(2025, 7, 1),
    "cohort_to": date(2025, 12, 31),
    "counts": "won",
    "cut": "segment",
    "day_of_period": 60,
    "deal_type": "",
    "deal": 0,
    "ends": ENDS,
    "every": True,
    "ends_at": datetime(2026, 6, 30),
    "first": date(2025, 1, 1),
    "first_day": date(2024, 1, 1),
    "low": 3600,
    "middle": date(2026, 5, 1),
    "high": 7200,
    "last": ENDS,
    "id": 1,
    "ids": [1, 2, 3],
    "is_cut": False,
    "is_picked": False,
    "never": 2**40,
    "newest": ENDS,
    "no_deal": "No real deal",
    "oldest": date(2024, 1, 1),
    "owner_id": 1,
    "periods": ["2026-Q1", "2026-Q2"],
    "pipeline_id": 1,
    "previous_aged": date(2026, 3, 31),
    "previous_starts": date(2026, 1, 1),
    "previous_until": date(2026, 3, 31),
    "replaced": 0.5,
    "reps": [1, 2, 3],
    "quantile": 0.9,
    "rows": "won",
    "most": 20,
    "since": date(2026, 6, 1),
    "since_at": datetime(2026, 6, 1),
    "starts": STARTS,
    "starts_at": datetime(2026, 4, 1),
    "teams": [1, 2, 3],
    "then_at": datetime(2026, 5, 1),
    "then_day": date(2026, 4, 30),
    "unit": "rep",
    "unknown": -(2**60),
    "until": ENDS,
    "year_aged": date(2025, 6, 30),
    "year_starts": date(2025, 4, 1),
    "year_until": date(2025, 6, 30),
}


@pytest.fixture
def as_of() -> Iterator[AsOf]:
    build_small(recorded_weeks=0)
    service.refresh()
    yield AsOf.end_of(TODAY, company().zone)


def named() -> list[QuerySpec]:
    return sorted(queries.specs(), key=lambda spec: spec.name)


def short(value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if hasattr(value, "__float__"):
        return f"{float(value):.9g}"
    return str(value)


def digest(rows: list[tuple[Any, ...]]) -> str:
    lines = sorted(json.dumps([short(value) for value in row]) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def test_every_named_query_gives_the_recorded_answer_whatever_database_holds_the_records(
    as_of: AsOf,
) -> None:
    answers = {}
    for spec in named():
        result = queries.run(spec.name, GIVEN, scope=Scope.company(), as_of=as_of)
        answers[spec.name] = [len(result.rows), digest(result.rows)]
    if os.environ.get("PERILUNE_REFRESH") == "1":
        BASELINE.write_text(json.dumps(answers, indent=1) + "\n")
    assert answers == json.loads(BASELINE.read_text())


@pytest.mark.spark
@pytest.mark.timeout(600)
def test_every_named_query_gives_the_same_answer_on_spark(as_of: AsOf) -> None:
    try:
        with both_engines(service.current()) as engines:
            found = {
                spec.name: differences(engines, spec.sql, GIVEN, scope=Scope.company(), as_of=as_of)
                for spec in named()
            }
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert {name: text for name, text in found.items() if text} == {}
