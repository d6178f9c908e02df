"""Lists of what stands behind a figure, and what a list's deals count with shares of credit.

The gate shows the rows that are one's own; a figure counts one's credit. A deal that one owns may
be credited to others in part or in whole, and one has credit in deals of others (rule 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from perilune.crm.contracts import CASES, ListQuery, Measured
from perilune.crm.queries.conditions import day_of
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import CREDITS

FIRST, LAST = date(1900, 1, 1), date(9999, 12, 31)
_DATED = ("meaning", "close_date")
"""Filters of a list that a figure can follow beyond the gate: others would tell of hidden deals."""


def asked_case(query: ListQuery) -> tuple[str, ...] | None:
    """Return the figure whose cases a list shows, None where it shows none's."""
    return next((c.value for c in query.conditions if c.op == CASES), None)


def case_values(query: ListQuery, scope: Scope, as_of: AsOf) -> Mapping[int, int] | None:
    """Return what each case of the list's figure counts by id; None where it names none."""
    given = asked_case(query)
    if given is None:
        return None
    return CREDITS.get(query.kind).cases(given, scope, as_of)


def case_named(query: ListQuery, scope: Scope, as_of: AsOf) -> str:
    """Return the name of the figure whose cases a list shows, for the reader."""
    given = asked_case(query)
    return CREDITS.get(query.kind).label(given, scope, as_of) if given else ""


def credited(
    query: ListQuery, cases: Mapping[int, int] | None, scope: Scope, as_of: AsOf
) -> Mapping[int, int] | None:
    """Return what a list's deals count for the scope, by id, those of others included.

    None where credit and rows are one (the company's won deals), or where it cannot be said.
    """
    if query.text or query.kind not in CREDITS:
        return None
    rest = [c for c in query.conditions if c.op != CASES]
    if cases is not None:
        return None if rest else cases
    if scope.owners is None or any(c.column not in _DATED for c in rest):
        return None
    is_won = any(c.column == "meaning" and c.op == "in" and c.value == ("won",) for c in rest)
    bounds = {c.op: c.value[0] for c in rest if c.column == "close_date" and c.op in ("from", "to")}
    if not is_won or len(bounds) + 1 != len(rest):
        return None
    return CREDITS.get(query.kind).won(
        _day(bounds.get("from"), FIRST), _day(bounds.get("to"), LAST), scope, as_of
    )


def _day(text: str | None, otherwise: date) -> date:
    return day_of(text) if text else otherwise


def with_shares(found: Measured, listed: Mapping[int, int], counts: Mapping[int, int]) -> Measured:
    """Return what the measures count with the shares that the listed deals give and others bring.

    listed: the whole value of each listed deal that counts; counts: what each deal counts.
    """
    given = {deal: value - counts.get(deal, 0) for deal, value in listed.items()}
    given = {deal: value for deal, value in given.items() if value}
    received = {deal: value for deal, value in counts.items() if deal not in listed and value}
    lost, won = sum(given.values()), sum(received.values())
    return Measured(
        found.minor - lost + won,
        found.listed,
        found.listed_minor,
        found.left_out,
        found.left_out_minor,
        len(given),
        lost,
        len(received),
        won,
    )
