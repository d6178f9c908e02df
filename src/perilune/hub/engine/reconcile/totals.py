"""A bare total against what stands here: which groups or rows would explain the difference."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from perilune.hub.engine.reconcile.rows import Filters, Here, Line, Reconciled

MOST_GROUPS = 3
"""How many groups together are tried; more explain anything."""

_OUT = ("excluded", "period", "stage", "owner")


def explain(total: int, here: Iterable[Here], filters: Filters) -> Reconciled:
    """Return what would explain a total that came without its rows.

    total: of the other system, minor units of the company's currency. Tried, in this order: whole
    groups that a report may count otherwise (deals that we exclude, of another stage or owner,
    created after the report's day), the fewest that fit exactly; then one deal that counts here, or
    lies just outside the filters, of exactly that value; then two deals. Such lines are marked as
    not sure. What remains is a line of its own, so that the lines sum to the difference exactly.

    Examples
    --------
    >>> deals = [Here(1, 500), Here(2, 70, is_excluded=True), Here(3, 9)]
    >>> found = explain(579, deals, Filters())
    >>> [(line.cause, line.record_id, line.difference) for line in found.lines], found.residual
    ([('excluded', 2, -70)], 0)
    """
    rows = list(here)
    counted = [row for row in rows if not filters.why_not(row)]
    found = Reconciled(total, sum(row.value or 0 for row in counted), 0, len(counted))
    missing = found.difference
    if missing:
        outside = [(filters.why_not(row), row) for row in rows]
        found.lines = (
            _by_groups(missing, counted, outside, filters)
            or _by_rows(missing, counted, outside)
            or [Line("unexplained", "", 0, -missing, 0)]
        )
    return found


def _line(cause: str, row: Here, *, is_counted: bool) -> Line:
    """Return a record that counts on one side only."""
    value = row.value or 0
    there, own = (0, value) if is_counted else (value, 0)
    return Line(cause, "", row.id, there, own, is_sure=False)


def _by_groups(
    missing: int, counted: Sequence[Here], outside: Sequence[tuple[str, Here]], filters: Filters
) -> list[Line]:
    groups = [
        [_line(why, row, is_counted=False) for cause, row in outside if cause == why and row.value]
        for why in _OUT
        if why != "period"  # all other periods together are no reading of a filter
    ]
    day = filters.report_day
    groups.append(
        [_line("late", row, is_counted=True) for row in counted if day and row.created > day]
    )
    sums = [(sum(line.difference for line in group), group) for group in groups if group]
    for size in range(1, MOST_GROUPS + 1):
        for some in combinations(sums, size):
            if sum(own for own, _group in some) == missing:
                return [line for _own, group in some for line in group]
    return []


def _by_rows(
    missing: int, counted: Sequence[Here], outside: Sequence[tuple[str, Here]]
) -> list[Line]:
    lines = [_line("missing_there", row, is_counted=True) for row in counted if row.value]
    lines += [_line(why, row, is_counted=False) for why, row in outside if why and row.value]
    by_value: dict[int, Line] = {}
    for line in lines:
        by_value.setdefault(line.difference, line)
    if missing in by_value:
        return [by_value[missing]]
    for line in lines:
        other = by_value.get(missing - line.difference)
        if other is not None and other is not line:
            return [line, other]
    return []
