"""The calendar as tables, and people's SQL against the engine that says the same in Python."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import STORE_TABLES
from perilune.people import queries, service, testing
from perilune.people.contracts import Holding
from perilune.people.engine import fte_on
from perilune.people.engine.capacity import Away, Employment
from perilune.people.engine.quotas import Span, quota_over
from perilune.store.queries import run, run_sql
from perilune.store.testing import store_of

pytestmark = pytest.mark.django_db
HERE = Path(__file__).parent.parent
SQL = {"people": HERE / "sql", "crm": HERE.parent / "crm" / "sql"}
"""Quotas are converted by the relation that converts deals."""
AT = AsOf.end_of(date(2026, 12, 31), ZoneInfo("Europe/Paris"))
JAN = date(2026, 1, 1)
Rows = dict[str, Sequence[Mapping[str, Any]]]
YEAR = [JAN + timedelta(days=n) for n in range(365)]
DAYS = [{"id": d.toordinal(), "day": d, "month": f"{d:%Y-%m}"} for d in YEAR]
TEAMS: list[Mapping[str, Any]] = [
    {"id": 1, "name": "North"},
    {"id": 2, "parent_id": 1},
    {"id": 3, "parent_id": 2},
]


def table(name: str) -> list[Mapping[str, Any]]:
    found = next(t for t in queries.store_tables() if t.name == name)
    columns = [column for column, _type in found.shape()]
    return [dict(zip(columns, row, strict=True)) for batch in found.rows(None) for row in batch]


def test_periods_and_days_agree_with_the_calendar() -> None:
    testing.make_company(fiscal_start_month=4)
    days = {row["day"]: row for row in table("day")}
    day = days[date(2026, 5, 1)]
    assert (day["quarter"], day["month"], day["fiscal_year"]) == ("2026-Q1", "2026-05", 2026)
    assert not day["is_workday"]  # the first of May, a Friday
    assert days[date(2026, 3, 31)]["quarter"] == "2025-Q4"
    assert days[date(2026, 5, 4)]["is_workday"]
    period = next(row for row in table("period") if row["name"] == "2026-Q1")
    assert (period["starts"], period["ends"]) == (date(2026, 4, 1), date(2026, 6, 30))
    assert period["workdays"] == sum(
        row["is_workday"] for row in days.values() if row["quarter"] == "2026-Q1"
    )


def test_a_new_calendar_lets_the_store_renew_its_days_and_another_name_does_not() -> None:
    testing.make_company()
    period = next(t for t in queries.store_tables() if t.name == "period")
    keys, cursor = period.touched(0)
    assert keys is None
    service.company_change(name="Other")
    assert period.touched(cursor) == ([], cursor)
    service.company_change(fiscal_start_month=7)
    keys, later = period.touched(cursor)
    assert keys is None
    assert later > cursor


def filled(rows: Rows) -> Rows:
    """Give every other declared table a row that says nothing: the maker wants one each."""
    blank: Rows = {declared.relation: [{"id": 0}] for declared in STORE_TABLES}
    return blank | {name: some for name, some in rows.items() if some}


def fte_by_day(
    rep: Mapping[str, Any], held: list[dict[str, Any]], away: list[dict[str, Any]]
) -> Any:
    rows: Rows = {"team": TEAMS, "rep": [rep], "assignment": held, "absence": away, "day": DAYS}
    with store_of(filled(rows), sql=SQL):
        result = run_sql(
            "SELECT day, SUM(fte) AS fte, COUNT(*) AS n FROM rep_day GROUP BY day",
            {},
            scope=Scope.company(),
            as_of=AT,
        )
    return {row["day"]: row["fte"] for row in result.dicts()}


OFFSETS = st.integers(0, 364)
PARTS = st.sampled_from([0.25, 0.5, 0.75, 1.0])


@settings(max_examples=8, deadline=None)
@given(
    hired=st.none() | OFFSETS,
    left=st.none() | OFFSETS,
    held=st.lists(st.tuples(OFFSETS, st.none() | OFFSETS, PARTS), max_size=3),
    away=st.lists(st.tuples(OFFSETS, st.none() | OFFSETS, PARTS), max_size=2),
)
def test_fte_by_day_in_sql_equals_the_engine(
    hired: int | None,
    left: int | None,
    held: list[tuple[int, int | None, float]],
    away: list[tuple[int, int | None, float]],
) -> None:
    def on(offset: int | None) -> date | None:
        return None if offset is None else JAN + timedelta(days=offset)

    rep = Employment(
        on(hired),
        on(left),
        [Holding(1, 3, None, "seller", fte, on(since), on(until)) for since, until, fte in held],
        [Away(JAN + timedelta(days=first), on(last), fte) for first, last, fte in away],
    )
    found = fte_by_day(
        {"id": 1, "hire_date": on(hired), "leave_date": on(left)},
        [
            {"id": n, "rep_id": 1, "team_id": 3, "fte": h.fte, "effective_from": h.since,
             "effective_to": h.until}
            for n, h in enumerate(rep.holdings, 1)
        ],
        [
            {"id": n, "rep_id": 1, "first_day": a.since, "last_day": a.until, "fte": a.fte}
            for n, a in enumerate(rep.absences, 1)
        ],
    )  # fmt: skip
    for day in YEAR:
        assert found.get(day, 0.0) == pytest.approx(fte_on(rep, day)), day


def test_the_region_is_the_top_of_the_teams_tree() -> None:
    rows: Rows = {
        "team": TEAMS,
        "rep": [{"id": 1, "hire_date": JAN}],
        "assignment": [{"id": 1, "rep_id": 1, "team_id": 3, "fte": 1.0, "effective_from": JAN}],
        "absence": [],
        "day": DAYS,
    }
    with store_of(filled(rows), sql=SQL):
        result = run_sql(
            "SELECT DISTINCT team_id, region_id, hired FROM rep_day",
            {},
            scope=Scope.company(),
            as_of=AT,
        )
        months = run(
            "people.fte_months",
            {"starts": JAN, "ends": date(2026, 3, 31)},
            scope=Scope.company(),
            as_of=AT,
        )
    assert result.rows == [(3, 1, True)]
    assert months.dicts()[0]["fte_months"] == pytest.approx(3.0)


SPANS = st.sampled_from([(1, 12), (1, 6), (7, 12), (1, 3), (4, 6), (1, 1), (2, 2), (3, 3), (4, 4)])


def month_span(first: int, last: int) -> tuple[date, date]:
    after = date(2026 + last // 12, last % 12 + 1, 1)
    return date(2026, first, 1), after - timedelta(days=1)


@settings(max_examples=10, deadline=None)
@given(
    spans=st.lists(st.tuples(SPANS, st.integers(0, 10**9)), max_size=6, unique_by=lambda s: s[0]),
    asked=SPANS,
)
def test_quotas_in_sql_equal_the_engine(
    spans: list[tuple[tuple[int, int], int]], asked: tuple[int, int]
) -> None:
    quotas = [Span(*month_span(*months), minor) for months, minor in spans]
    first, last = month_span(*asked)
    expected, is_prorated = quota_over(quotas, first, last)
    rows: Rows = {
        "quota": [
            {"id": n, "rep_id": 7, "starts": q.starts, "ends": q.ends, "amount": q.minor,
             "currency": "EUR"}
            for n, q in enumerate(quotas, 1)
        ],
        "day": DAYS,
    }  # fmt: skip
    with store_of(filled(rows), sql=SQL, always={"currency": "EUR"}):
        found = run(
            "people.quota_by_unit",
            {"starts": first, "ends": last, "currency": "EUR"},
            scope=Scope.company(),
            as_of=AT,
        ).dicts()
    if expected is None:
        assert found == []
    else:
        assert [(row["amount"], row["is_prorated"]) for row in found] == [(expected, is_prorated)]
        assert (found[0]["rep_id"], found[0]["team_id"]) == (7, None)


def test_a_rep_counts_only_own_capacity_and_own_quota() -> None:
    rows: Rows = {
        "team": TEAMS,
        "rep": [{"id": 1, "hire_date": JAN}, {"id": 2, "hire_date": JAN}],
        "assignment": [],
        "absence": [],
        "day": DAYS,
        "quota": [
            {"id": n, "rep_id": n, "starts": JAN, "ends": JAN, "amount": 1, "currency": "EUR"}
            for n in (1, 2)
        ],
    }
    own = Scope(label="mine", owners=frozenset({1}))
    with store_of(filled(rows), sql=SQL, always={"currency": "EUR"}):
        seen = run_sql("SELECT DISTINCT rep_id FROM rep_day", {}, scope=own, as_of=AT)
        quotas = run_sql("SELECT rep_id FROM quota_in_force", {}, scope=own, as_of=AT)
    assert (seen.rows, quotas.rows) == ([(1,)], [(1,)])
