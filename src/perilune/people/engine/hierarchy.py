"""Who is under whom on a day, from effective-dated assignments and the tree of teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from perilune.people.contracts import Holding

_FAR_PAST, _FAR_FUTURE = date.min, date.max


def is_in_force(holding: Holding, day: date) -> bool:
    """Tell whether an assignment covers a day; an unknown start counts as «always»."""
    return (holding.since or _FAR_PAST) <= day <= (holding.until or _FAR_FUTURE)


def current_holdings(holdings: Iterable[Holding], day: date) -> list[Holding]:
    """Return for each rep what is in force on a day, or else what ended last before it.

    A leaver stays with the last team, so that deals they still hold never vanish from the sight of
    their manager. Assignments that only start later are left out.
    """
    by_rep: dict[int, list[Holding]] = defaultdict(list)
    for holding in holdings:
        if (holding.since or _FAR_PAST) <= day:
            by_rep[holding.rep_id].append(holding)
    kept: list[Holding] = []
    for theirs in by_rep.values():
        now = [holding for holding in theirs if is_in_force(holding, day)]
        last = max(holding.until or _FAR_FUTURE for holding in theirs)
        kept += now or [holding for holding in theirs if holding.until == last]
    return kept


def team_subtree(roots: Iterable[int], parents: Mapping[int, int | None]) -> frozenset[int]:
    """Return the teams at or below the roots; `parents` maps team to parent. Cycles end."""
    children: dict[int, list[int]] = defaultdict(list)
    for team, parent in parents.items():
        if parent is not None:
            children[parent].append(team)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        team = waiting.pop()
        if team not in found:
            found.add(team)
            waiting += children[team]
    return frozenset(found)


def topmost(teams: Iterable[int], parents: Mapping[int, int | None]) -> frozenset[int]:
    """Return those of the teams that have none of the others above them."""
    wanted = set(teams)
    return frozenset(team for team in wanted if not wanted & set(ancestors(team, parents)[1:]))


def ancestors(team: int | None, parents: Mapping[int, int | None]) -> list[int]:
    """Return a team and its ancestors, nearest first. Cycles end."""
    path: list[int] = []
    while team is not None and team not in path:
        path.append(team)
        team = parents.get(team)
    return path


def reps_under(
    manager: int, holdings: Iterable[Holding], parents: Mapping[int, int | None], day: date
) -> frozenset[int]:
    """Return the rep ids that a manager answers for on a day, the manager included.

    Two ways lead there: the chain of named managers, and the teams (with all below them) in which
    the manager's own assignment has the role «manager».
    """
    current = current_holdings(holdings, day)
    led = managed_teams(manager, current, day)
    teams = team_subtree(led, parents)
    reports: dict[int, list[int]] = defaultdict(list)
    for holding in current:
        if holding.manager_id is not None:
            reports[holding.manager_id].append(holding.rep_id)
    found: set[int] = set()
    waiting = [manager, *(h.rep_id for h in current if h.team_id in teams)]
    while waiting:
        rep = waiting.pop()
        if rep not in found:
            found.add(rep)
            waiting += reports[rep]
    return frozenset(found)


def managed_teams(manager: int, holdings: Iterable[Holding], day: date) -> frozenset[int]:
    """Return the teams that a rep leads on a day (role «manager», in force that day)."""
    return frozenset(
        h.team_id
        for h in holdings
        if h.rep_id == manager
        and h.role == "manager"
        and h.team_id is not None
        and is_in_force(h, day)
    )


def overlaps(holdings: Iterable[Holding]) -> list[tuple[Holding, Holding]]:
    """Return pairs of one rep's assignments that share a day and together exceed one FTE."""
    by_rep: dict[int, list[Holding]] = defaultdict(list)
    for holding in holdings:
        by_rep[holding.rep_id].append(holding)
    found = []
    for theirs in by_rep.values():
        theirs.sort(key=lambda h: h.since or _FAR_PAST)
        for i, first in enumerate(theirs):
            found += [
                (first, second)
                for second in theirs[i + 1 :]
                if (second.since or _FAR_PAST) <= (first.until or _FAR_FUTURE)
                and first.fte + second.fte > 1 + 1e-9
            ]
    return found
