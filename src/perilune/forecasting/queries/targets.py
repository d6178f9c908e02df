"""The target of each unit: its own quota, else the sum of those below it (rule 29)."""

from __future__ import annotations

from collections import defaultdict

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.scope import Scope
from perilune.store import queries as store

Targets = dict[tuple[str, int], int]

LEVELS = ("operating", "street", "board")
"""The first level of which anything is set counts, the same for every row of a page."""


def targets(period: Period, as_of: AsOf, scope: Scope, currency: str) -> Targets:
    """Return the quota by (`rep` or `team`, id), (`total`, 0) for the company; minor units.

    A team without a quota of its own has the sum of those of the teams below, and of its reps (at
    the period's end, or now before it) where no team below has one. Quotas in another currency are
    left out.
    """
    found = targets_by_level(period, as_of, scope, currency)
    return found[min(found, key=LEVELS.index)] if found else {}


def targets_by_level(
    period: Period, as_of: AsOf, scope: Scope, currency: str
) -> dict[str, Targets]:
    """Return the quotas of each level (rule 29) of which anything is set, as `targets` does."""
    params = {
        "starts": period.start,
        "ends": period.end,
        "until": min(period.end, as_of.day),
        "currency": currency,
    }
    quotas = store.run("people.quota_by_unit", params, scope=scope, as_of=as_of).dicts()
    levels = [name for name in LEVELS if any(q["level"] == name for q in quotas)]
    if not levels:
        return {}
    below: dict[int | None, list[tuple[str, int]]] = defaultdict(list)
    for row in store.run("forecasting.seats", params, scope=scope, as_of=as_of).dicts():
        below[row["team_id"]].append((row["kind"], row["id"]))
    answers = {}
    for level in levels:
        found = {
            _unit(q["rep_id"], q["team_id"]): int(q["amount"])
            for q in quotas
            if q["level"] == level
        }
        for team in {id_ for units in below.values() for kind, id_ in units if kind == "team"}:
            _fill(("team", team), found, below)
        _fill(("total", 0), found, below)
        answers[level] = found
    return answers


def _unit(rep_id: int | None, team_id: int | None) -> tuple[str, int]:
    if rep_id is not None:
        return "rep", rep_id
    return ("team", team_id) if team_id is not None else ("total", 0)


def _fill(
    unit: tuple[str, int],
    found: Targets,
    below: dict[int | None, list[tuple[str, int]]],
    path: frozenset[tuple[str, int]] = frozenset(),
) -> int | None:
    """Set a unit's target from those below it, if it has none; a ring of teams has none."""
    if unit in found or unit in path:
        return found.get(unit)
    units = below[None if unit[0] == "total" else unit[1]]
    above = path | {unit}
    teams = [_fill(each, found, below, above) for each in units if each[0] == "team"]
    parts = [part for part in teams if part is not None]
    if not parts:
        parts = [found[each] for each in units if each[0] == "rep" and each in found]
    if parts:
        found[unit] = sum(parts)
    return found.get(unit)
