"""Two scenarios of the demo: a wave of hires, and a region that is lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from django.utils.translation import gettext, override

from perilune.kernel.calendar import Grain
from perilune.kernel.scope import Scope
from perilune.people.contracts import Holding, Role
from perilune.people.queries import assignments_as_of, company, people, reps_as_of, teams_as_of
from perilune.planning import service as planning
from perilune.planning.contracts import Edit, Hire, Leave, Ramp

WAVE_HEADS, WAVE_RAMP = 3, 120


def make_scenarios(language: str) -> None:
    """Make both, by the director; the wave is shared with the sales leader, by name."""
    author, leader = _named(Role.OPS_DIRECTOR), _named(Role.SALES_LEADER)
    here = company()
    calendar, day = here.calendar, here.today.day
    following = calendar.shift(calendar.find(day, Grain.QUARTER), 1)
    seats = _seats(day)
    with override(language):
        wave, lost = gettext("Wave of hires"), gettext("A lost region")
    made = _made(wave, following.name, author, _wave(following.start, seats))
    planning.scenario_share(made, [leader], actor=author)
    _made(lost, following.name, author, _lost(following.start, seats))


def _made(name: str, period: str, author: str, edits: list[Edit]) -> int:
    made = planning.scenario_create(name, period, actor=author)
    for edit in edits:
        planning.edit_add(made, edit, actor=author, scope=Scope.company())
    return made


def _named(role: Role) -> str:
    return next(person.username for person in people() if person.role is role)


def _seats(day: date) -> dict[int, list[Holding]]:
    """Return the sellers that are here on the day, by team, the largest team first."""
    today = company().today
    reps, found = reps_as_of(today), defaultdict[int, list[Holding]](list)
    for held in assignments_as_of(today):
        is_here = (held.since or date.min) <= day <= (held.until or date.max)
        left = reps[held.rep_id]["leave_date"] if held.rep_id in reps else date.min
        if is_here and held.role == "seller" and held.team_id and (left is None or left >= day):
            found[held.team_id].append(held)
    return dict(sorted(found.items(), key=lambda item: (-len(item[1]), item[0])))


def _wave(start: date, seats: dict[int, list[Holding]]) -> list[Edit]:
    """Hire into the two largest teams, with the ramp that a good onboarding promises."""
    hires: list[Edit] = [Hire(team, start, heads=WAVE_HEADS) for team in list(seats)[:2]]
    return [Ramp(start, WAVE_RAMP), *hires]


def _lost(start: date, seats: dict[int, list[Holding]]) -> list[Edit]:
    """Let everybody of the smallest region go; their deals are spread over who is left."""
    parents = {team: state["parent_id"] for team, state in teams_as_of(company().today).items()}
    regions: dict[int, list[Holding]] = defaultdict(list)
    for team, held in seats.items():
        regions[parents.get(team) or team] += held
    smallest = min(regions, key=lambda region: (len(regions[region]), region))
    last = start - timedelta(days=1)
    return [Leave(held.rep_id, last) for held in regions[smallest]]
