"""What stands behind a number: definition, rows, SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import COUNTERS
from perilune.metrics.contracts import By, Drill, Measure, MeasureRow, measure
from perilune.metrics.queries import counting
from perilune.metrics.queries.figures import ask_for, measure_rows
from perilune.metrics.queries.material import Ask
from perilune.metrics.queries.sight import whole
from perilune.store import queries as store

ONLY_TOTALS = _("You may see totals here, not the records behind them.")
NO_ROWS = _("This figure does not come from single deals.")
SHOWN = 200

_QUERIES = {
    "expected": "metrics.expected_behind",
    "pushes": "metrics.moved_behind",
    "pulls": "metrics.moved_behind",
}
_LOST = ("lost", "closed", "decided", "cohort")
"""Rows among which lost deals are, each with the reason."""


def drill_down(
    name: str,
    as_of: AsOf,
    period: Period,
    by: By,
    *,
    unit: str,
    scope: Scope,
    personal: Scope | None = None,
    cohort: tuple[date, date] | None = None,
) -> Drill:
    """Return what stands behind one figure: its definition, its deals (up to 200), its SQL.

    unit: the unit's id or name as text, «» for what belongs to nobody; the total's is «total».
    Raises NotFound for an unknown measure or unit.
    """
    found = measure(name)
    ask = ask_for(as_of, period, by, scope, personal=personal, cohort=cohort)
    rows = measure_rows(
        as_of, period, by, scope, personal=personal, cohort=cohort, measures=(name,)
    )
    row = next(
        (r for r in rows if r.measure == name and (by is By.TOTAL or _key(r.unit_id) == unit)), None
    )
    if row is None:
        raise NotFound(_("There is no figure of that unit."))
    if name in COUNTERS:
        return _counted(ask, row, unit)
    sql = _sql(ask, found.query)
    freshness = store.freshness()
    if scope.aggregates_only or not found.rows:
        stopped = ONLY_TOTALS if scope.aggregates_only else NO_ROWS
        return Drill(found, row, (), (), 0, sql, as_of, scope.label, freshness.version, stopped)
    behind = _behind(ask, found, unit)
    return Drill(
        found,
        row,
        behind.columns,
        behind.rows,
        behind.total,
        sql,
        as_of,
        scope.label,
        freshness.version,
        counted=behind.counted,
        outside=behind.outside,
        outside_value=behind.outside_value,
    )


def _counted(ask: Ask, row: MeasureRow, unit: str) -> Drill:
    """Return what stands behind a figure that a room above counts: what it is made of."""
    name = row.measure
    made = [] if row.value is None else counting.parts(ask, name, unit or None)
    sql = COUNTERS.get(name).sql(counting.asked_of(ask, ask.now))
    return Drill(
        measure(name), row, (), (), 0, sql, ask.now.as_of, ask.scope.label,
        store.freshness().version, parts=tuple(made),
    )  # fmt: skip


def cases_behind(ask: Ask, found: Measure, unit: str) -> list[dict[str, Any]]:
    """Return all cases of a figure, whoever may see them, with what each counts."""
    params = ask.params | {
        "rows": found.rows, "counts": found.counts, "unit": unit, "any_unit": ask.by is By.TOTAL,
    }  # fmt: skip
    query = _QUERIES.get(found.rows, "metrics.deals_behind")
    return store.run(query, params, scope=whole(ask.scope), as_of=ask.now.as_of).dicts()


@dataclass(frozen=True)
class _Behind:
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    total: int
    counted: int
    outside: int
    outside_value: int


def _behind(ask: Ask, found: Measure, unit: str) -> _Behind:
    """Return the cases of a figure: all are counted, those that the gate lets through are shown."""
    cases = cases_behind(ask, found, unit)
    is_open = ask.scope.owners is None
    # whoever sees every row is spared the names of those that are not shown
    named = _names(ask, (case["id"] for case in (cases[:SHOWN] if is_open else cases)))
    seen = [case for case in cases if case["id"] in named]
    outside = [] if is_open else [case for case in cases if case["id"] not in named]
    columns = _columns(found)
    reps = _reps(ask)
    return _Behind(
        columns,
        tuple(_row(case, named[case["id"]], reps, columns) for case in seen[:SHOWN]),
        len(cases),
        sum(bool(case["is_counted"]) for case in cases),
        len(outside),
        sum(case["value"] or 0 for case in outside),
    )


def _columns(found: Measure) -> tuple[str, ...]:
    dates = ("expected_then",) if found.rows in _QUERIES else ("created_date",)
    reason = ("loss_reason",) if found.rows in _LOST else ()
    counted = ("is_counted",) if found.counts or found.rows == "expected" else ()
    return ("id", "name", "account", "owner", "stage", *dates, "close_date", *reason, *counted,
            "value")  # fmt: skip


def _row(
    case: Mapping[str, Any],
    named: Mapping[str, Any],
    reps: Mapping[int, str],
    columns: Sequence[str],
) -> tuple[Any, ...]:
    facts = {**case, **named, "owner": reps.get(case["rep_id"])}
    return tuple(facts[name] for name in columns)


def _names(ask: Ask, ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    asked = {"ids": sorted(set(ids))}
    rows = store.run("metrics.deal_names", asked, scope=ask.scope, as_of=ask.now.as_of).dicts()
    return {row["id"]: row for row in rows}


def _reps(ask: Ask) -> dict[int, str]:
    rows = store.run("metrics.units", scope=ask.scope, as_of=ask.now.as_of).dicts()
    return {row["id"]: row["name"] for row in rows if row["kind"] == "rep"}


def _key(unit_id: int | str | None) -> str:
    return "" if unit_id is None else str(unit_id)


def _sql(ask: Ask, query: str) -> str:
    params = ask.params | {
        "periods": [ask.company.calendar.shift(ask.now.period, -1).name],
        "day_of_period": ask.now.days,
        "first": ask.now.period.start,
        "newest": ask.now.period.end,
    }
    return store.explain(query, params, scope=whole(ask.scope), as_of=ask.now.as_of)
