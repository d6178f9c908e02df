"""Whose credit a question is about: sums are read whole and cut by credit, never by ownership.

The gate cuts rows by who owns them today. A figure is cut by who is credited: a win is the team's
in which it was closed, whoever holds it now, and a split is the rep's whose share it is. So every
figure is summed over all rows, restricted to the credit that the scope names, and whoever asks the
same question reads the same number (rules 3, 8, 10). Rows are shown through the gate itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from perilune.kernel.scope import Scope
from perilune.metrics.contracts import By

Parents = Mapping[int, int | None]


def whole(scope: Scope) -> Scope:
    """Return the scope under which sums are read, with the label of who asks."""
    return Scope(label=scope.label)


def sight(scope: Scope, by: By) -> dict[str, Any]:
    """Return the parameters that cut sums to the credit of a scope.

    By rep these are the people whom one sees, each with all of their credit; else the teams that
    the scope names, with everything that was theirs, or the people where it names none.
    """
    by_people = by is By.REP or not scope.teams
    return {
        "is_cut": scope.owners is not None,
        "reps": sorted(scope.owners or ()) if by_people else [],
        "teams": [] if by_people else sorted(scope.teams),
    }


def may_name(scope: Scope, by: By, unit: str | None, parents: Parents) -> bool:
    """Tell whether a unit's figure is the whole of it; a part never bears the unit's name."""
    if scope.owners is None or by not in (By.TEAM, By.REGION):
        return True
    return unit is not None and bool(scope.teams & set(upwards(int(unit), parents)))


def subjects(scope: Scope, by: By, unit: str | None) -> list[tuple[str, int]] | None:
    """Return of whom a unit's figure is: (`rep` or `team`, id) each; [] the company, None nobody.

    The total of a scope is its one rep's or its teams'.
    """
    if by is By.TOTAL:
        if scope.owners is None:
            return []
        if scope.teams:
            return [("team", team) for team in sorted(scope.teams)]
        return [("rep", rep) for rep in sorted(scope.owners)] or None
    if unit is None or by not in (By.REP, By.TEAM, By.REGION):
        return None
    return [("rep" if by is By.REP else "team", int(unit))]


def subtree(root: int | None, parents: Parents) -> set[int | None]:
    """Return a team and all below it; of None all teams, and none."""
    found: set[int | None] = {root}
    while more := {team for team, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def upwards(team: int, parents: Parents) -> Iterator[int]:
    """Give a team and those above it, nearest first; a ring ends."""
    at: int | None = team
    seen: set[int] = set()
    while at is not None and at not in seen:
        seen.add(at)
        yield at
        at = parents.get(at)
