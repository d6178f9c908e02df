"""Events go between scenarios and annual plans: taken into a plan, opened as a scenario, followed.

Each side remembers the other: an event of a plan the edit that it came from, a scenario the plan
that it was opened from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any

from perilune.history.service import Writer
from perilune.kernel.errors import Conflict, Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    MOST_EDITS,
    MOST_PEOPLE,
    Assumption,
    Cell,
    Content,
    Hire,
    PlanEditKind,
    Quota,
)
from perilune.planning.contracts.taking import TakenEdit, Taking, Verdict
from perilune.planning.engine.pairing import EVENTS, renamed
from perilune.planning.engine.stored import plan_lines_text, values_of
from perilune.planning.engine.summing import spread_over
from perilune.planning.queries.choices import reps_of
from perilune.planning.queries.scenarios import scenario
from perilune.planning.queries.taking import pairs_of, plan_of_circle, quota_places, taking
from perilune.planning.service.plan_people import staffed
from perilune.planning.service.plan_writing import changing_plan, require_circle, settings_with
from perilune.planning.service.scenarios import scenario_name
from perilune.planning.service.sharing import proposal_taken
from perilune.planning.service.writing import changing, opened


def take_scenario(
    plan_id: int,
    edition: int,
    scenario_id: int,
    chosen: Collection[int] | None = None,
    *,
    actor: str,
    scope: Scope,
    seen: int | None = None,
) -> int:
    """Take edits of a scenario into a plan as one edition; return how many.

    chosen: their ids, None for all that can be taken. seen: the edition of the scenario that was
    looked at; Conflict where it is another by now. Invalid where one cannot be taken, or speaks of
    a hire that is not taken along, by name of what is wrong.
    """
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        require_circle(held)
        found = scenario(scenario_id, None, actor)
        if seen is not None and seen != found.head.edition:
            raise Conflict(_("This scenario was changed meanwhile: look at it again."))
        told = taking(held.found, found, scope)
        lines = _chosen(told, chosen)
        if not lines:
            raise Invalid(_("Nothing of this scenario is left to take into the plan."))
        content = _with_people(held.found.content, lines, scenario_id)
        content = staffed(held, content)
        for line in lines:
            if isinstance(line.planned, Quota):
                content = _with_quota(content, line.planned, held.row.year)
        held.put(content, PlanEditKind.SCENARIO, private=True)
        known = sorted({*held.found.head.scenarios, scenario_id})
        held.row.settings = settings_with(held.row, scenarios=known)
        proposal_taken(plan_id, scenario_id, actor)
        return len(lines)


def open_as_scenario(plan_id: int, name: str, *, actor: str, scope: Scope) -> int:
    """Make a private scenario of a plan's events, about its year; return its id.

    Refused outside the plan's circle; Invalid for a plan without events, or with too many.
    """
    found = plan_of_circle(plan_id, actor, scope)
    people = found.content.people
    if not people:
        raise Invalid(_("The plan has no hire, departure or absence to open."))
    if len(people) > MOST_EDITS:
        raise Invalid(_("A scenario holds at most %(most)s edits."), most=MOST_EDITS)
    period = company().calendar.year(found.head.year).name
    values = {
        "name": scenario_name(name), "period": period, "author": actor, "edition": 1,
        "plan_id": plan_id,
    }  # fmt: skip
    with opened(actor, _("Scenario opened from a plan")) as writer:
        made = writer.create("scenario", values)
        numbers = _created(writer, made, people, 0, {})
        lines = [(-numbers[-item.id], item.id) for item in people]
        writer.change("scenario", made, {"plan_lines": plan_lines_text(lines)})
    return made


def follow_plan(
    scenario_id: int, plan_id: int, *, actor: str, scope: Scope, edition: int | None = None
) -> int:
    """Let a scenario of the actor's have the events of a plan as they are now; return how many.

    What changed is changed, what is new added, what left the plan removed; edits that never were
    of the plan stay. Invalid where nothing differs.
    """
    plan = plan_of_circle(plan_id, actor, scope)
    with changing(scenario_id, _("Events of the plan taken"), actor=actor, edition=edition) as (
        writer,
        found,
    ):
        pairs, links = pairs_of(plan, found)
        changed = [p for p in pairs if p.line and p.other and not p.is_same]
        fresh = [p.line for p in pairs if p.line and p.other is None]
        gone = [p.other for p in pairs if p.line is None and p.other and p.other.id in links]
        if not (changed or fresh or gone):
            raise Invalid(_("The scenario has the events of the plan already."))
        if len(found.assumptions) + len(fresh) - len(gone) > MOST_EDITS:
            raise Invalid(_("A scenario holds at most %(most)s edits."), most=MOST_EDITS)
        numbers = {-p.line.id: -p.other.id for p in pairs if p.line and p.other}
        last = max((place for place, _item in enumerate(found.assumptions, 1)), default=0)
        numbers = _created(writer, scenario_id, fresh, last, numbers)
        for pair in changed:
            assert pair.line is not None and pair.other is not None
            edit = renamed(pair.line.edit, _hires_of(plan.content.people, numbers))
            writer.change("assumption", pair.other.id, values_of(edit))
        for item in gone:
            writer.delete("assumption", item.id)
        if found.head.plan_id in (None, plan_id):
            lines = [(-there, -here) for here, there in numbers.items()]
            writer.change("scenario", scenario_id,
                          {"plan_id": plan_id, "plan_lines": plan_lines_text(lines)})  # fmt: skip
    return len(changed) + len(fresh) + len(gone)


def _with_quota(content: Content, edit: Quota, year: int) -> Content:
    places = quota_places(content, edit, year)
    parts = spread_over(content, places, edit.amount)
    fixed = {place: Cell(part, True) for place, part in zip(places, parts, strict=True)}
    return replace(content, cells={**content.cells, **fixed})


def _chosen(told: Taking, chosen: Collection[int] | None) -> list[TakenEdit]:
    """Return the lines to be taken; Invalid for one that cannot be, or lacks its hire."""
    if chosen is None:
        return _with_their_hires(told, list(told.open))
    by_id = {line.id: line for line in told.lines}
    lines = [by_id[id_] for id_ in dict.fromkeys(chosen) if id_ in by_id]
    if len(lines) < len(set(chosen)):
        raise Invalid(_("This edit is not there (any more)."))
    for line in lines:
        if line.problem is not None:
            raise Invalid(line.problem.message, (line.problem,), **line.problem.params)
    return _with_their_hires(told, [line for line in lines if line.is_open])


def _with_their_hires(told: Taking, lines: list[TakenEdit]) -> list[TakenEdit]:
    """Return the lines; Invalid where one speaks of a hire that will not be in the plan."""
    numbers = {line.number for line in lines if line.verdict is Verdict.NEW}
    lost = {line.number for line in lines if line.verdict is Verdict.GONE}
    there = {line.number for line in told.lines if line.held is not None} | numbers
    for line in lines:
        named = {-rep for rep in reps_of(line.planned) if rep < 0}
        if line.verdict is not Verdict.GONE and not named <= there - lost:
            raise Invalid(_("One of these speaks of a hire that is not taken along."))
    return lines


def _with_people(content: Content, lines: Iterable[TakenEdit], scenario_id: int) -> Content:
    people = {item.id: item for item in content.people}
    for line in lines:
        if line.verdict is Verdict.GONE:
            people.pop(line.number, None)
        elif isinstance(line.planned, EVENTS):
            people[line.number] = Assumption(line.number, line.planned, (scenario_id, line.id))
    hires = {-id_ for id_, item in people.items() if isinstance(item.edit, Hire)}
    if any(rep < 0 and rep not in hires for item in people.values() for rep in reps_of(item.edit)):
        raise Invalid(_("Other lines speak of the people hired here: remove those first."))
    if len(people) > MOST_PEOPLE:
        raise Invalid(_("A plan holds at most %(most)s hires and leavers."), most=MOST_PEOPLE)
    return replace(content, people=tuple(people.values()))


def _created(
    writer: Writer,
    scenario_id: int,
    items: Collection[Assumption],
    last: int,
    numbers: Mapping[int, int],
) -> dict[int, int]:
    """Write events of a plan as edits; return their names there: minus number to minus edit."""
    made = dict(numbers)
    for place, item in enumerate(items, last + 1):
        values: dict[str, Any] = {"scenario_id": scenario_id, "position": place}
        made[-item.id] = -writer.create("assumption", {**values, **values_of(item.edit)})
    # a departure may stand above the hire that it speaks of: only now all have a name
    for item in items:
        edit = renamed(item.edit, made)
        if edit != item.edit:
            writer.change("assumption", -made[-item.id], values_of(edit))
    return made


def _hires_of(people: Iterable[Assumption], numbers: Mapping[int, int]) -> dict[int, int]:
    return {-p.id: numbers[-p.id] for p in people if isinstance(p.edit, Hire) and -p.id in numbers}
