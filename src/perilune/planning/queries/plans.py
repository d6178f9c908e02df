"""Annual plans as they stand, and as a person may see them (rules 10, 24).

A plan in the making is seen by its author and those named; from its submission on by whoever sees
people of it, cut to those. Its hires and leavers show to author and named people alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from perilune.history.queries import set_info
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of, teams_as_of
from perilune.planning.contracts import (
    COMPANY,
    PLAN_EDITABLE,
    PLAN_UNDOABLE,
    Content,
    Level,
    LoadedPlan,
    PlanCommentInfo,
    PlanEditInfo,
    PlanEditKind,
    PlanHead,
    PlanState,
    PlanTaskInfo,
    PlanView,
)
from perilune.planning.engine.stored_plans import content_of, year_of
from perilune.planning.models import Plan, PlanComment, PlanContent, PlanEdit, PlanTask

MISSING_PLAN = _("There is no such annual plan, or nothing of it is yours to see.")
LATEST = 50
"""Changes that a view of a plan tells."""
_CLOSED = PLAN_EDITABLE | {PlanState.ARCHIVED}


def head_of(row: Plan) -> PlanHead:
    """Return a plan's head; what a rolled-back change set wrote is not in force."""
    written = None if row.change_set_id is None else set_info(row.change_set_id)
    is_there = written is not None and written.retracted_at is None
    return PlanHead(
        id=row.pk,
        name=row.name,
        year=row.year,
        currency=row.currency,
        state=PlanState(row.state),
        author=row.author,
        edition=row.edition,
        as_of=AsOf(row.as_of_at, row.as_of_day),
        made_at=row.made_at,
        is_in_force=is_there and row.state == PlanState.PUBLISHED,
        effective_from=row.effective_from,
        based_on=row.based_on_id,
        replaced=row.replaced_id,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        published_by=row.published_by,
        published_at=row.published_at,
        is_self_approved=row.is_self_approved,
        reason=row.reason,
        change_set_id=row.change_set_id if is_there else None,
        settings=row.settings,
    )


def loaded_plan(plan_id: int) -> LoadedPlan:
    """Return a plan with all it holds; the gate is the caller's affair. NotFound if unknown."""
    row = Plan.objects.filter(id=plan_id).first()
    if row is None:
        raise NotFound(MISSING_PLAN)
    return loaded_plan_of(row)


def loaded_plan_of(row: Plan) -> LoadedPlan:
    """Return a plan with all it holds, from its row."""
    document = PlanContent.objects.values_list("document", flat=True).get(plan=row)
    return LoadedPlan(head_of(row), content_of(document))


def plans(scope: Scope, actor: str) -> list[PlanHead]:
    """Return the plans that a person sees something of, by year, the latest first."""
    heads = [head_of(row) for row in Plan.objects.order_by("-year", "-made_at", "-id")]
    return [head for head in heads if _is_open(head, scope, actor)]


def draft_plans(scope: Scope, actor: str) -> list[PlanHead]:
    """Return the plans in the making whose whole and people events a person may change."""
    if scope.owners is not None or scope.aggregates_only:
        return []
    rows = Plan.objects.filter(state__in=[state.value for state in PLAN_EDITABLE])
    found = [head_of(row) for row in rows.order_by("-year", "-id")]
    return [head for head in found if head.is_of_circle(actor)]


def plan_names() -> frozenset[str]:
    """Return the names that plans bear, whoever may see them: for one that is free."""
    return frozenset(Plan.objects.values_list("name", flat=True))


def company_years(plan_ids: Iterable[int]) -> dict[int, dict[Level, int]]:
    """Return the company's year of each plan and level in minor units; a level without one is out.

    For who may see the whole of plans; their documents are read, no content is built.
    """
    rows = PlanContent.objects.filter(plan_id__in=list(plan_ids))
    return {
        plan_id: year_of(document, COMPANY)
        for plan_id, document in rows.values_list("plan_id", "document")
    }


def plan(plan_id: int, scope: Scope, actor: str) -> PlanView:
    """Return a plan as a person sees it; NotFound where nothing of it is theirs."""
    found = loaded_plan(plan_id)
    seen = require_seen_plan(found, scope, actor)
    is_circle = found.head.is_of_circle(actor)
    undo, redo = plan_stacks(plan_id)
    may = found.head.may_edit and is_circle
    edits = PlanEdit.objects.filter(plan_id=plan_id).order_by("-number")
    if not is_circle:
        edits = edits.filter(is_private=False)
    return PlanView(
        head=found.head,
        content=cut(found.content, seen, with_people=is_circle),
        seen=seen,
        is_whole=len(seen) == len(found.content.units),
        is_circle=is_circle,
        names=unit_names(found.content),
        can_undo=undo is not None and may,
        can_redo=redo is not None and may,
        edits=tuple(_told(edit) for edit in edits[:LATEST]),
        comments=tuple(
            PlanCommentInfo(c.actor, c.at, c.text, c.unit)
            for c in PlanComment.objects.filter(plan_id=plan_id)
            if not c.unit or c.unit in seen
        ),
        tasks=tuple(
            PlanTaskInfo(t.pk, t.title, t.owner, t.due, t.done_by, t.done_at)
            for t in PlanTask.objects.filter(plan_id=plan_id)
        ),
    )


def plan_named(name: str, scope: Scope, actor: str) -> PlanHead:
    """Return a plan by its name or number; empty: the one in force, else the latest.

    NotFound where there is none that the person sees.
    """
    heads = plans(scope, actor)
    if name:
        chosen = [head for head in heads if name in (head.name, str(head.id))]
    else:
        today = company().today.day
        year = company().calendar.year_of(today).name
        rank = {True: 0, False: 1}
        chosen = sorted(heads, key=lambda h: (rank[h.is_in_force], str(h.year) != year, -h.id))
    if not chosen:
        raise NotFound(MISSING_PLAN)
    return chosen[0]


def plan_stacks(plan_id: int) -> tuple[PlanEdit | None, PlanEdit | None]:
    """Return the change that undo takes back next, and the one that redo makes again next."""
    kinds = [kind.value for kind in PLAN_UNDOABLE]
    edits = PlanEdit.objects.filter(plan_id=plan_id, kind__in=kinds, is_void=False)
    undo = edits.filter(is_undone=False).order_by("-number").first()
    redo = edits.filter(is_undone=True).order_by("number").first()
    return undo, redo


# -- the gate --------------------------------------------------------------------------------------


def seen_units(content: Content, scope: Scope) -> frozenset[str]:
    """Return the units of a plan that a scope covers.

    Reps of it; planned hires and teams where every rep of the team is of it; the company and
    segments to whoever sees all rows.
    """
    if scope.aggregates_only:
        return frozenset()
    if scope.owners is None:
        return frozenset(content.units)
    seen = {
        unit
        for unit, row in content.units.items()
        if row.kind in ("rep", "overlay") and row.number > 0 and scope.sees(row.number)
    }

    def covers(unit: str) -> bool:
        below = content.children.get(unit, ())
        known = [each for each in below if not _is_hire(content, each)]
        covered = [covers(each) if content.units[each].kind == "team" else each in seen
                   for each in known]  # fmt: skip
        if not covered or not all(covered):
            return False
        seen.update(below)
        seen.add(unit)
        return True

    for unit, row in content.units.items():
        if row.kind == "team":
            covers(unit)
    return frozenset(seen)


def _told(edit: PlanEdit) -> PlanEditInfo:
    kind = PlanEditKind(edit.kind)
    states: list[PlanState] = []
    if kind is PlanEditKind.STATE and edit.changes:
        states = [PlanState(state) for state in edit.changes[0][2:]]
    return PlanEditInfo(
        edit.number, kind, edit.actor, edit.at, len(edit.changes), edit.is_undone, *states
    )


def require_seen_plan(found: LoadedPlan, scope: Scope, actor: str) -> frozenset[str]:
    """Return the units seen; NotFound where the plan is not open or holds none of theirs."""
    seen = seen_units(found.content, scope)
    if not _is_open(found.head, scope, actor) or (found.content.units and not seen):
        raise NotFound(MISSING_PLAN)
    return seen


def require_whole_plan(found: LoadedPlan, scope: Scope, actor: str) -> None:
    """Refuse to whoever does not see all of a plan what concerns its whole."""
    seen = require_seen_plan(found, scope, actor)
    if len(seen) < len(found.content.units) or scope.owners is not None:
        raise Refused(_("This concerns people beyond your reps: ask sales operations."))


def cut(content: Content, seen: frozenset[str], *, with_people: bool) -> Content:
    """Return the part of a plan that a person sees; of a part, over-assignment only where shown."""
    is_whole = len(seen) == len(content.units)
    rows = {unit: row for unit, row in content.units.items() if unit in seen}
    return replace(
        content,
        units={
            unit: row if is_whole or row.is_over_shown else replace(row, over=0)
            for unit, row in rows.items()
        },
        cells={place: cell for place, cell in content.cells.items() if place.unit in seen},
        people=content.people if with_people else (),
        accounts=content.accounts if COMPANY in seen else {},
    )


def unit_names(content: Content) -> dict[str, str]:
    """Return the names of reps, teams and segments; whoever sees a unit sees how it is called."""
    today = company().today
    reps, teams = reps_as_of(today), teams_as_of(today)
    found = {}
    for unit, row in content.units.items():
        if row.kind in ("rep", "overlay") and row.number > 0:
            found[unit] = (reps.get(row.number) or {}).get("name") or unit
        elif row.kind == "team":
            found[unit] = (teams.get(row.number) or {}).get("name") or unit
        elif row.kind == "segment":
            found[unit] = unit.partition(":")[2]
    return found


def _is_open(head: PlanHead, scope: Scope, actor: str) -> bool:
    if scope.aggregates_only:
        return False
    return head.is_of_circle(actor) or head.state not in _CLOSED


def _is_hire(content: Content, unit: str) -> bool:
    row = content.units[unit]
    return row.kind == "rep" and row.number < 0
