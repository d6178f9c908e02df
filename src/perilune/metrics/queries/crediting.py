"""Which deals stand behind a figure and what each counts in it: for lists that show these deals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext

from perilune.crm.contracts import NO_DEAL_REASONS
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import Credit
from perilune.metrics.contracts import MEASURES, By, measure
from perilune.metrics.queries.drill import cases_behind
from perilune.metrics.queries.figures import UNASSIGNED, UNKNOWN, ask_for
from perilune.metrics.queries.sight import may_name, sight, whole
from perilune.people.queries import company, teams_as_of
from perilune.store import queries as store

KEYS = ("cases", "period", "by", "unit")
"""What names a figure in an address: its measure, its period, the cut and the unit."""
MOVES = ("pushes", "pulls")
"""Rows that are moves: a deal may have several, so a list of deals is not them."""


def credit() -> Credit:
    """Return how lists of deals learn what stands behind a figure."""
    return Credit("opportunity", KEYS, credited_of, won_between, figure_named)


def has_list(name: str) -> bool:
    """Tell whether the rows behind a measure are deals, each once, so that a list can show them."""
    return bool(MEASURES[name].rows) and MEASURES[name].rows not in MOVES


def credited_of(given: Sequence[str], scope: Scope, as_of: AsOf) -> dict[int, int]:
    """Return what each case of a figure counts, by id of the deal, in company minor units.

    given: values of `KEYS`. All cases are here, also those that the gate does not show. Raises
    NotFound for a figure that the scope has not or that no list can show.
    """
    name, period, by, unit = _asked(given)
    found = measure(name)
    if scope.aggregates_only or not has_list(name):
        raise NotFound(_("This figure does not come from single deals."))
    if by in (By.TEAM, By.REGION) and scope.owners is not None:
        parents = {team: state["parent_id"] for team, state in teams_as_of(as_of).items()}
        if not may_name(scope, by, unit if unit.isdigit() else None, parents):
            raise NotFound(_("There is no figure of that unit."))
    ask = ask_for(as_of, company().calendar.parse(period), by, scope)
    return {case["id"]: case["value"] or 0 for case in cases_behind(ask, found, unit)}


def won_between(first: date, last: date, scope: Scope, as_of: AsOf) -> dict[int, int]:
    """Return what each deal won between two days counts in the scope's figures, by id."""
    params = sight(scope, By.TOTAL) | {
        "by": By.TOTAL.value, "rows": "won", "counts": "", "unit": "total", "any_unit": True,
        "oldest": first, "starts": first, "until": last, "ends": last,
        "cohort_from": first, "cohort_to": last, "no_deal": list(NO_DEAL_REASONS),
    }  # fmt: skip
    cases = store.run("metrics.deals_behind", params, scope=whole(scope), as_of=as_of).dicts()
    return {case["id"]: case["value"] or 0 for case in cases}


def figure_named(given: Sequence[str], scope: Scope, as_of: AsOf) -> str:
    """Return a figure's name for the reader: measure, period, and the unit where it is cut."""
    name, period, by, unit = _asked(given)
    parts = [gettext(measure(name).label), period]
    if by is not By.TOTAL:
        parts.append(_unit(by, unit, scope, as_of))
    return ", ".join(parts)


def _asked(given: Sequence[str]) -> tuple[str, str, By, str]:
    name, period, by, unit = given
    try:
        return name, period, By(by or By.TOTAL), unit
    except ValueError:
        raise Invalid(
            _("Measures are cut by total, region, team, rep, segment or industry.")
        ) from None


def _unit(by: By, unit: str, scope: Scope, as_of: AsOf) -> str:
    if not unit:
        return gettext(UNASSIGNED)
    if by in (By.SEGMENT, By.INDUSTRY):
        return unit
    kind = "rep" if by is By.REP else "team"
    rows: list[dict[str, Any]] = store.run("metrics.units", scope=scope, as_of=as_of).dicts()
    names = {str(row["id"]): row["name"] for row in rows if row["kind"] == kind}
    return names.get(unit) or gettext(UNKNOWN)
