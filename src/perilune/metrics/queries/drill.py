"""What stands behind a number: definition, rows, SQL."""

from __future__ import annotations

from datetime import date

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By, Drill, measure
from perilune.metrics.queries.figures import ask_for, measure_rows
from perilune.metrics.queries.material import Ask
from perilune.store import queries as store

ONLY_TOTALS = _("You may see totals here, not the records behind them.")
NO_ROWS = _("This figure does not come from single deals.")
_MOVED = ("slipped", "moved")


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
    rows = measure_rows(as_of, period, by, scope, personal=personal, cohort=cohort)
    row = next(
        (r for r in rows if r.measure == name and (by is By.TOTAL or _key(r.unit_id) == unit)), None
    )
    if row is None:
        raise NotFound(_("There is no figure of that unit."))
    sql = _sql(ask, found.query)
    freshness = store.freshness()
    if scope.aggregates_only or not found.rows:
        stopped = ONLY_TOTALS if scope.aggregates_only else NO_ROWS
        return Drill(found, row, (), (), 0, sql, as_of, scope.label, freshness.version, stopped)
    query = "metrics.moved_behind" if found.rows in _MOVED else "metrics.deals_behind"
    params = ask.params | {"rows": found.rows, "unit": unit, "any_unit": by is By.TOTAL}
    result = store.run(query, params, scope=scope, as_of=as_of)
    total = result.rows[0][-1] if result.rows else 0
    return Drill(
        found,
        row,
        result.columns[:-1],
        tuple(r[:-1] for r in result.rows),
        total,
        sql,
        as_of,
        scope.label,
        result.version,
    )


def _key(unit_id: int | str | None) -> str:
    return "" if unit_id is None else str(unit_id)


def _sql(ask: Ask, query: str) -> str:
    params = ask.params | {
        "periods": [ask.company.calendar.shift(ask.now.period, -1).name],
        "day_of_period": ask.now.days,
        "first": ask.now.period.start,
        "newest": ask.now.period.end,
    }
    return store.explain(query, params, scope=ask.scope, as_of=ask.now.as_of)
