"""What people want from sales operations: findings, and the load of teams."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.people import engine
from perilune.people.contracts import Finding, Holding, TeamLoad
from perilune.people.engine.capacity import Employment
from perilune.people.queries.organisation import (
    absences_as_of,
    assignments_as_of,
    employments_as_of,
    quotas_as_of,
    reps_as_of,
    target,
    teams_as_of,
)


@dataclass(frozen=True)
class _Facts:
    """Everything the findings look at, read once."""

    at: AsOf
    period: Period
    reps: Mapping[int, dict[str, Any]]
    teams: Mapping[int, dict[str, Any]]
    holdings: list[Holding]
    quotas: Mapping[int, dict[str, Any]]

    @property
    def here(self) -> dict[int, str]:
        """Reps who are employed on the day, by id."""
        return {
            rep: state["name"] or ""
            for rep, state in self.reps.items()
            if (state["hire_date"] or date.min) <= self.at.day <= (state["leave_date"] or date.max)
        }

    @property
    def now(self) -> list[Holding]:
        """Assignments in force on the day, of reps who are employed."""
        here = self.here
        current = engine.current_holdings(self.holdings, self.at.day)
        return [
            h for h in current if h.rep_id in here and (h.until is None or h.until >= self.at.day)
        ]


def findings(at: AsOf, period: Period) -> list[Finding]:
    """Return what is missing or contradictory among people and quotas, only where there is some."""
    facts = _Facts(
        at, period, reps_as_of(at), teams_as_of(at), assignments_as_of(at), quotas_as_of(at)
    )
    found = [
        _no_target(facts),
        _quotas_missing(facts),
        _unassigned(facts),
        _without_manager(facts),
        _teams_without_manager(facts),
        _over_assigned(facts),
        _without_hire_date(facts),
        _leaving(facts),
    ]
    return [finding for finding in found if finding.count]


def _no_target(facts: _Facts) -> Finding:
    missing = 1 if target(facts.period, facts.at) is None else 0
    return Finding(
        "no_target",
        _("No target for the period"),
        _("Set a quota for the company, its teams or its reps."),
        missing,
    )


def _quotas_missing(facts: _Facts) -> Finding:
    covered = {
        q["rep_id"]
        for q in facts.quotas.values()
        if q["starts"]
        and q["ends"]
        and q["starts"] <= facts.period.end
        and q["ends"] >= facts.period.start
    }
    # those who support sellers owe no quota: theirs, where a company sets one, is nobody's gap
    sellers = {h.rep_id for h in facts.now if h.role == "seller"}
    here = facts.here
    return _about_reps(
        "quotas_missing",
        _("Sellers without a quota for the period"),
        _("Set or import their quotas."),
        {rep: here[rep] for rep in sellers - covered},
    )


def _unassigned(facts: _Facts) -> Finding:
    # a manager without a team heads the company: no team is missing
    placed = {h.rep_id for h in facts.now if h.team_id is not None or h.role == "manager"}
    return _about_reps(
        "unassigned",
        _("Reps without a team"),
        _("Give them a team: they roll up to «unassigned» until then."),
        {rep: name for rep, name in facts.here.items() if rep not in placed},
    )


def _without_manager(facts: _Facts) -> Finding:
    leads = {h.rep_id for h in facts.now if h.role == "manager"}
    managed = {h.rep_id for h in facts.now if h.manager_id is not None}
    led = {h.team_id for h in facts.now if h.role == "manager"}
    managed |= {h.rep_id for h in facts.now if h.team_id in led}
    return _about_reps(
        "without_manager",
        _("Reps without a manager"),
        _("Name a manager, or give their team one."),
        {rep: name for rep, name in facts.here.items() if rep not in managed | leads},
    )


def _teams_without_manager(facts: _Facts) -> Finding:
    led = {h.team_id for h in facts.now if h.role == "manager"}
    manned = {h.team_id for h in facts.now if h.team_id is not None}
    cases = {team: facts.teams[team]["name"] or "" for team in manned - led if team in facts.teams}
    return Finding(
        "teams_without_manager",
        _("Teams without a manager"),
        _("A vacancy, or an assignment with the role «manager» that is missing."),
        len(cases),
        "team",
        _sorted(cases),
    )


def _over_assigned(facts: _Facts) -> Finding:
    pairs = engine.overlaps(facts.holdings)
    names = {rep: state["name"] or "" for rep, state in facts.reps.items()}
    return _about_reps(
        "over_assigned",
        _("Reps assigned beyond one FTE"),
        _("Two assignments of theirs overlap: end one, or lower its FTE."),
        {first.rep_id: names.get(first.rep_id, "") for first, _second in pairs},
    )


def _without_hire_date(facts: _Facts) -> Finding:
    here = facts.here
    return _about_reps(
        "without_hire_date",
        _("Reps without a hire date"),
        _("Without it, revenue per rep is per listed rep and not per FTE."),
        {rep: here[rep] for rep in here if facts.reps[rep]["hire_date"] is None},
    )


def _leaving(facts: _Facts) -> Finding:
    ahead = 90
    return _about_reps(
        "leaving",
        _("Reps leaving within 90 days"),
        _("Plan the hand-over of their accounts, deals and quota."),
        {
            rep: name
            for rep, name in facts.here.items()
            if (last := facts.reps[rep]["leave_date"]) and (last - facts.at.day).days <= ahead
        },
    )


def _about_reps(name: str, label: str, hint: str, cases: Mapping[int, str]) -> Finding:
    return Finding(name, label, hint, len(cases), "rep", _sorted(cases))


def _sorted(cases: Mapping[int, str]) -> tuple[tuple[int, str], ...]:
    return tuple(sorted(cases.items(), key=lambda case: (case[1].lower(), case[0])))


# -- load ----------------------------------------------------------------------------------------


def team_loads(at: AsOf, period: Period) -> list[TeamLoad]:
    """Return the teams as a tree with their people in a period; those below are counted in."""
    teams = teams_as_of(at)
    reps = employments_as_of(at)
    names = {rep: state["name"] or "" for rep, state in reps_as_of(at).items()}
    day = min(max(at.day, period.start), period.end)
    current = [h for h in engine.current_holdings(assignments_as_of(at), day) if h.rep_id in names]
    away = {
        state["rep_id"]
        for state in absences_as_of(at).values()
        if state["first_day"] and state["first_day"] <= day <= (state["last_day"] or date.max)
    }
    parents = {team: state["parent_id"] for team, state in teams.items()}
    loads = []
    for team, depth in _tree(teams):
        below = engine.team_subtree([team], parents)
        held = [h for h in current if h.team_id in below]
        here = {h.rep_id for h in held if engine.fte_on(reps[h.rep_id], day) > 0}
        here |= {h.rep_id for h in held if h.rep_id in away and _is_employed(reps[h.rep_id], day)}
        loads.append(
            TeamLoad(
                team_id=team,
                name=teams[team]["name"] or "",
                depth=depth,
                reps=len(here),
                fte=engine.fte_total(within_teams(reps, below), period.start, period.end),
                managers=tuple(
                    sorted(
                        names[h.rep_id] for h in held if h.role == "manager" and h.rep_id in here
                    )
                ),
                coming=sum(_falls(reps[r].hired, period) for r in {h.rep_id for h in held}),
                leaving=sum(_falls(reps[r].left, period) for r in {h.rep_id for h in held}),
                away=len(here & away),
            )
        )
    return loads


def within_teams(reps: Mapping[int, Employment], teams: Iterable[int]) -> list[Employment]:
    """Return the part of each rep's time that is spent in some teams."""
    wanted = set(teams)
    parts = []
    for rep in reps.values():
        held = [h for h in rep.holdings if h.team_id in wanted]
        if held:
            # the hire date is dropped so that days between assignments do not count as unassigned
            starts = [Holding(**{**vars(h), "since": _later(h.since, rep.hired)}) for h in held]
            parts.append(Employment(None, rep.left, starts, rep.absences))
    return parts


def _later(one: date | None, other: date | None) -> date | None:
    return max((day for day in (one, other) if day), default=None)


def _is_employed(rep: Employment, day: date) -> bool:
    return (rep.hired or date.min) <= day <= (rep.left or date.max)


def _falls(day: date | None, period: Period) -> bool:
    return day is not None and day in period


def _tree(teams: Mapping[int, dict[str, Any]]) -> list[tuple[int, int]]:
    """Return (team, depth) with children after their parent, by name."""
    children: dict[int | None, list[int]] = defaultdict(list)
    for team, state in teams.items():
        parent = state["parent_id"]
        children[parent if parent in teams else None].append(team)
    found: list[tuple[int, int]] = []

    def visit(parent: int | None, depth: int) -> None:
        for team in sorted(children[parent], key=lambda t: (teams[t]["name"] or "").lower()):
            if team not in {seen for seen, _depth in found}:
                found.append((team, depth))
                visit(team, depth + 1)

    visit(None, 0)
    return found
