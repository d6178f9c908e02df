"""Add, change, remove and reorder the edits of a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from perilune.crm.queries import is_seen
from perilune.history.queries import states_as_of
from perilune.history.service import Writer
from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.planning.contracts import (
    MOST_EDITS,
    Absence,
    Edit,
    Hire,
    Leave,
    Move,
    Quota,
    Scenario,
)
from perilune.planning.engine.checks import before_hire, overlapping, problems
from perilune.planning.engine.stored import values_of
from perilune.planning.queries import Choices, choices
from perilune.planning.queries.choices import reps_of
from perilune.planning.service.writing import changing

_GONE = _("This edit is not there (any more).")


def edit_add(
    scenario_id: int, edit: Edit, *, actor: str, scope: Scope, edition: int | None = None
) -> int:
    """Add an edit at the end of the list; return its id. Invalid with the problem of each field.

    scope: whose reps, teams and accounts the actor may speak of.
    """
    with changing(scenario_id, _("Edit added"), actor=actor, edition=edition) as (writer, found):
        if len(found.assumptions) >= MOST_EDITS:
            raise Invalid(_("A scenario holds at most %(most)s edits."), most=MOST_EDITS)
        sound = _sound(edit, found, scope)
        place = len(found.assumptions) + 1
        return writer.create(
            "assumption", {"scenario_id": scenario_id, "position": place, **values_of(sound)}
        )


def edit_change(
    scenario_id: int,
    assumption_id: int,
    edit: Edit,
    *,
    actor: str,
    scope: Scope,
    edition: int | None = None,
) -> None:
    """Give an edit other values; its type stays. Invalid with the problem of each field."""
    with changing(scenario_id, _("Edit changed"), actor=actor, edition=edition) as (writer, found):
        before = _standing(found, assumption_id)
        if before.TYPE != edit.TYPE:
            raise Invalid(_("An edit keeps its type: remove it and add another one."))
        rest = tuple(item for item in found.assumptions if item.id != assumption_id)
        others = replace(found, assumptions=rest)
        writer.change("assumption", assumption_id, values_of(_sound(edit, others, scope)))


def edit_remove(
    scenario_id: int, assumption_id: int, *, actor: str, edition: int | None = None
) -> None:
    """Remove an edit. Invalid while others speak of the people that it hires."""
    with changing(scenario_id, _("Edit removed"), actor=actor, edition=edition) as (writer, found):
        _standing(found, assumption_id)
        if any(-assumption_id in reps_of(item.edit) for item in found.assumptions):
            raise Invalid(_("Other edits speak of the people hired here: remove those first."))
        writer.delete("assumption", assumption_id)
        rest = [item.id for item in found.assumptions if item.id != assumption_id]
        _number(writer, rest)


def edit_reorder(
    scenario_id: int, assumption_id: int, by: int, *, actor: str, edition: int | None = None
) -> None:
    """Move an edit so many places down the list (up when negative), at most to its ends."""
    with changing(scenario_id, _("Order changed"), actor=actor, edition=edition) as (writer, found):
        _standing(found, assumption_id)
        order = [item.id for item in found.assumptions]
        place = order.index(assumption_id)
        order.insert(min(max(place + by, 0), len(order) - 1), order.pop(place))
        _number(writer, order)


def _number(writer: Writer, order: Sequence[int]) -> None:
    for place, assumption_id in enumerate(order):
        writer.change("assumption", assumption_id, {"position": place + 1})


def _standing(found: Scenario, assumption_id: int) -> Edit:
    for item in found.assumptions:
        if item.id == assumption_id:
            return item.edit
    raise NotFound(_GONE)


def _sound(edit: Edit, found: Scenario, scope: Scope) -> Edit:
    """Return the edit as it is stored; Invalid with everything that is wrong with it."""
    wrong = [*problems(edit), *_unknown(edit, found, scope)]
    if wrong:
        raise Invalid(wrong[0].message, tuple(wrong), **wrong[0].params)
    if isinstance(edit, Quota):
        here = company()
        return replace(edit, period=here.calendar.parse(edit.period).name, currency=here.currency)
    return edit


def _unknown(edit: Edit, found: Scenario, scope: Scope) -> Iterator[Problem]:
    """Give what an edit speaks of that is not there, or not within the scope."""
    today = company().today
    offered = choices(scope, today)
    yield from _unknown_reps(edit, found, scope)
    team = getattr(edit, "team_id", None)
    if team is not None and team not in dict(offered.teams):
        yield Problem(_("This team is not one of yours."), {}, "team_id")
    product = getattr(edit, "product_id", None)
    if product is not None and product not in dict(offered.products):
        yield Problem(_("There is no such product."), {}, "product_id")
    for name, known in (("segment", offered.segments), ("sector", offered.sectors)):
        if getattr(edit, name, "") and getattr(edit, name) not in known:
            yield Problem(_("No account has this."), {}, name)
    if isinstance(edit, Move) and not _are_seen(edit.accounts, scope):
        yield Problem(_("One of these accounts is not one of yours."), {}, "accounts")
    if isinstance(edit, Quota):
        yield from _unknown_quota(edit, offered)


def _are_seen(accounts: Sequence[int], scope: Scope) -> bool:
    states = states_as_of("account", accounts) if accounts else {}
    return len(states) == len(set(accounts)) and all(
        is_seen("account", state, scope) for state in states.values()
    )


def _unknown_reps(edit: Edit, found: Scenario, scope: Scope) -> Iterator[Problem]:
    hires = {-item.id for item in found.assumptions if isinstance(item.edit, Hire)}
    known = reps_as_of(company().today)
    for name in ("rep_id", "to_rep_id"):
        rep = getattr(edit, name, None)
        if rep is None or rep in hires:
            continue
        if rep not in known or not scope.sees(rep):
            yield Problem(_("This rep is not one of yours."), {}, name)
        elif name == "rep_id" and isinstance(edit, Leave | Absence):
            state = known[rep]
            yield from before_hire(edit, state["name"] or f"#{rep}", state["hire_date"])
    if isinstance(edit, Absence):
        name = (known.get(edit.rep_id) or {}).get("name") or f"#{abs(edit.rep_id)}"
        yield from overlapping(edit, name, [item.edit for item in found.assumptions])


def _unknown_quota(edit: Quota, offered: Choices) -> Iterator[Problem]:
    known = {f"team:{id_}" for id_, _name in offered.teams}
    known |= {f"rep:{id_}" for id_, _name in offered.reps}
    known |= {"company"} if offered.is_company else set()
    if edit.unit not in known:
        yield Problem(_("A quota is of a rep, a team or the company that you answer for."), {},
                      "unit")  # fmt: skip
    try:
        company().calendar.parse(edit.period)
    except Invalid as error:
        yield Problem(error.message, error.params, "period")
