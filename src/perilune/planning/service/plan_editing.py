"""Change what an annual plan says: amounts, rules, people; reconcile; undo and redo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from perilune.kernel.errors import Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    COMPANY,
    Cell,
    Level,
    Place,
    PlanEditKind,
    UnitRow,
)
from perilune.planning.engine.stored_plans import changed, content_of, document_of
from perilune.planning.engine.summing import Misfit, shared_out
from perilune.planning.models import PlanEdit
from perilune.planning.queries.learning import rise_at
from perilune.planning.queries.plans import plan_stacks, unit_names
from perilune.planning.queries.staff import presence_of
from perilune.planning.queries.words import unit_label
from perilune.planning.service.plan_building import refreshed
from perilune.planning.service.plan_writing import ChangingPlan, changing_plan, require_circle

LARGEST = 10**15
MOST_OVER = 10_000
"""Basis points: what is assigned is at most twice the target."""


def set_cells(
    plan_id: int,
    edition: int,
    amounts: Mapping[Place, int | None],
    *,
    actor: str,
    scope: Scope,
    is_fixed: bool = True,
    kind: PlanEditKind = PlanEditKind.TARGETS,
) -> int:
    """Type amounts into places, minor units; return how many changed.

    None takes an amount out, or lets a reconciliation decide it. A typed amount is fixed: it is
    kept. Invalid for a negative amount, a month or unit that the plan does not have, by name.
    """
    with changing_plan(plan_id, edition, actor=actor, scope=scope) as held:
        _require_places(held, amounts)
        cells = dict(held.found.content.cells)
        for place, minor in amounts.items():
            if minor is None:
                cells.pop(place, None)
            else:
                old = cells.get(place)
                if old is None or old.minor != minor or old.is_fixed != is_fixed:
                    cells[place] = Cell(minor, is_fixed)
        return held.put(replace(held.found.content, cells=cells), kind)


def unfix(plan_id: int, edition: int, units: Sequence[str], *, actor: str, scope: Scope) -> int:
    """Let a reconciliation decide the amounts of units again; return how many were fixed."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope) as held:
        _require_units(held, units)
        chosen = frozenset(units)
        cells = {
            place: Cell(cell.minor) if place.unit in chosen else cell
            for place, cell in held.found.content.cells.items()
        }
        return held.put(replace(held.found.content, cells=cells), PlanEditKind.QUOTAS)


def set_rule(plan_id: int, edition: int, row: UnitRow, *, actor: str, scope: Scope) -> None:
    """Give a unit another weight, floor, cap or over-assignment; its place in the tree stays."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope) as held:
        _require_units(held, [row.unit])
        before = held.found.content.units[row.unit]
        if row.weight < 0:
            raise _wrong(_("A share cannot be negative."), "weight")
        if not 0 <= row.over <= MOST_OVER:
            raise _wrong(_("Over-assignment lies between 0 and 100 %."), "over")
        if min(row.floor or 0, row.cap or 0) < 0:
            raise _wrong(_("An amount cannot be negative."), "floor")
        if row.floor is not None and row.cap is not None and row.floor > row.cap:
            raise _wrong(_("The floor lies above the cap."), "cap")
        changed_row = replace(row, parent=before.parent, history=before.history)
        if len(held.seen) < len(held.found.content.units):
            # who sees a part may not see it, and does not decide whether others do
            over = row.over if before.is_over_shown else before.over
            changed_row = replace(changed_row, over=over, is_over_shown=before.is_over_shown)
        units = {**held.found.content.units, row.unit: changed_row}
        held.put(replace(held.found.content, units=units), PlanEditKind.RULES)


def reconcile(plan_id: int, edition: int, *, actor: str, scope: Scope) -> list[Misfit]:
    """Share the company's operating targets out, fixed inputs kept; return what does not fit.

    Exact to the cent wherever nothing is returned. Invalid without targets.
    """
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        calendar, at = company().calendar, company().today
        year = calendar.year(held.row.year)
        content = refreshed(held.found.content, year, at)
        months = len(calendar.months(held.row.year))
        has = [content.amount(Level.OPERATING, COMPANY, month) for month in range(1, months + 1)]
        if all(minor is None for minor in has):
            raise Invalid(_("The company has no operating target yet: type it, or begin from last"
                            " year."))  # fmt: skip
        cells, misfits = shared_out(
            content, presence_of(content, year, at, rise_at(at, year)), months
        )
        held.put(replace(content, cells=cells), PlanEditKind.RECONCILE)
        return misfits


def undo_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Take the last change back. Invalid when there is none."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope) as held:
        last, _next = plan_stacks(plan_id)
        if last is None:
            raise Invalid(_("There is nothing to take back."))
        _apply(held, last, back=True)
        PlanEdit.objects.filter(id=last.pk).update(is_undone=True)
        held.note(PlanEditKind.UNDO, private=last.is_private)


def redo_plan(plan_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Make the change again that was taken back last. Invalid when there is none."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope) as held:
        _last, following = plan_stacks(plan_id)
        if following is None:
            raise Invalid(_("There is nothing to make again."))
        _apply(held, following, back=False)
        PlanEdit.objects.filter(id=following.pk).update(is_undone=False)
        held.note(PlanEditKind.REDO, private=following.is_private)


# -- shared ----------------------------------------------------------------------------------------


def _apply(held: ChangingPlan, edit: PlanEdit, *, back: bool) -> None:
    if edit.is_private:
        require_circle(held)
    content = content_of(changed(document_of(held.found.content), edit.changes, back=back))
    old, new = held.found.content, content
    touched = {p.unit for p in {*old.cells, *new.cells} if old.cells.get(p) != new.cells.get(p)}
    touched |= {u for u in {*old.units, *new.units} if old.units.get(u) != new.units.get(u)}
    if not touched <= held.seen:
        raise Refused(_("This change concerns people beyond your reps."))
    held.write(content)


def _require_places(held: ChangingPlan, amounts: Mapping[Place, int | None]) -> None:
    months = len(company().calendar.months(held.row.year))
    _require_units(held, [place.unit for place in amounts])
    for place, minor in amounts.items():
        if not 1 <= place.month <= months:
            raise Invalid(_("The year has no month %(month)s."), month=place.month)
        if minor is not None and minor < 0:
            problem = Problem(
                _("The target of “%(unit)s” in month %(month)s is negative."),
                {"unit": _named(held, place.unit), "month": place.month}, field="amount",
            )  # fmt: skip
            raise Invalid(problem.message, (problem,), **problem.params)
        if minor is not None and minor > LARGEST:
            raise Invalid(
                _("The target of “%(unit)s” is too large."), unit=_named(held, place.unit)
            )


def _require_units(held: ChangingPlan, units: Sequence[str]) -> None:
    for unit in units:
        if unit not in held.found.content.units:
            raise NotFound(_("This plan has no unit “%(unit)s”."), unit=unit)
        if unit not in held.seen:
            raise Refused(_("This change concerns people beyond your reps."))


def _named(held: ChangingPlan, unit: str) -> str:
    return unit_label(unit, unit_names(held.found.content))


def _wrong(message: str, field: str) -> Invalid:
    return Invalid(message, (Problem(message, {}, field=field),))
