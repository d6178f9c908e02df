"""Create, change, share, copy and delete a scenario; take the last change back."""

from __future__ import annotations

from collections.abc import Sequence

from perilune.history.service import retract
from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company
from perilune.planning.engine.pairing import renamed
from perilune.planning.engine.stored import values_of
from perilune.planning.queries import author_of, changes, scenario, sharers
from perilune.planning.queries.scenarios import MISSING
from perilune.planning.service.writing import changing, opened

LONGEST_NAME = 120


def scenario_create(name: str, period: str, *, actor: str) -> int:
    """Make an empty scenario about a fiscal period, private to the actor; return its id."""
    values = {"name": scenario_name(name), "period": _period(period), "author": actor, "edition": 1}
    with opened(actor, _("Scenario created")) as writer:
        return writer.create("scenario", values)


def scenario_change(
    scenario_id: int,
    name: str,
    period: str,
    *,
    actor: str,
    is_reserve: bool = False,
    edition: int | None = None,
) -> None:
    """Rename a scenario, move it to another period, let it show as an unnamed reserve or not."""
    values = {"name": scenario_name(name), "period": _period(period), "is_reserve": is_reserve}
    with changing(scenario_id, _("Scenario changed"), actor=actor, edition=edition) as (
        writer,
        _found,
    ):
        writer.change("scenario", scenario_id, values)


def scenario_share(
    scenario_id: int, usernames: Sequence[str], *, actor: str, edition: int | None = None
) -> None:
    """Share a scenario with exactly these people, by name (rule 24).

    Invalid for somebody who is not there (any more) or may not make scenarios: they could not
    open it.
    """
    able = {person.username for person in sharers()}
    for username in usernames:
        if username not in able:
            problem = Problem(
                _("%(name)s cannot open scenarios."), {"name": username}, field="people"
            )
            raise Invalid(problem.message, (problem,), **problem.params)
    named = " ".join(sorted(set(usernames) - {actor}))
    with changing(scenario_id, _("Sharing changed"), actor=actor, edition=edition) as (
        writer,
        _found,
    ):
        writer.change("scenario", scenario_id, {"shared_with": named})


def scenario_copy(scenario_id: int, name: str, *, actor: str) -> int:
    """Copy a scenario that the actor sees into a private one of their own; return its id."""
    found = scenario(scenario_id, None, actor)
    values = {
        "name": scenario_name(name),
        "period": found.head.period,
        "author": actor,
        "edition": 1,
    }
    with opened(actor, _("Scenario copied")) as writer:
        copy = writer.create("scenario", values)
        numbers: dict[int, int] = {}
        for place, item in enumerate(found.assumptions, 1):
            values = {"scenario_id": copy, "position": place, **values_of(item.edit)}
            numbers[-item.id] = -writer.create("assumption", values)
        # a departure may stand above the hire that it speaks of: only now all have a name
        for item in found.assumptions:
            edit = renamed(item.edit, numbers)
            if edit != item.edit:
                writer.change("assumption", -numbers[-item.id], values_of(edit))
    return copy


def scenario_delete(scenario_id: int, *, actor: str, edition: int | None = None) -> None:
    """Delete a scenario and its edits; `scenario_undo` brings it back."""
    with changing(scenario_id, _("Scenario deleted"), actor=actor, edition=edition) as (
        writer,
        found,
    ):
        for assumption in found.assumptions:
            writer.delete("assumption", assumption.id)
        writer.delete("scenario", scenario_id)


def scenario_undo(scenario_id: int, *, actor: str) -> str:
    """Take the last change of a scenario back, a deletion too; return what it was (a msgid).

    NotFound for everybody but its author; Invalid when only its creation is left.
    """
    if author_of(scenario_id) != actor:
        raise NotFound(MISSING)
    standing = changes(scenario_id)
    if len(standing) < 2:
        raise Invalid(_("There is nothing to take back."))
    retract(standing[0].change_set_id, actor)
    return standing[0].title


def scenario_name(name: str) -> str:
    """Return a name without needless blanks; Invalid when it is empty or too long."""
    bare = " ".join(name.split())
    if not bare or len(bare) > LONGEST_NAME:
        problem = Problem(_("A scenario needs a name of at most %(most)s characters."),
                          {"most": LONGEST_NAME}, field="name")  # fmt: skip
        raise Invalid(problem.message, (problem,), **problem.params)
    return bare


def _period(name: str) -> str:
    try:
        return company().calendar.parse(name).name
    except Invalid as error:
        problem = Problem(error.message, error.params, field="period")
        raise Invalid(error.message, (problem,), **error.params) from error
