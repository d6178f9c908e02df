"""One change of an annual plan: who may, on which edition, what is noted for undo and conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from perilune.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.planning.contracts import (
    PLAN_EDIT_LABELS,
    PLAN_EDITABLE,
    PLAN_STATE_LABELS,
    Content,
    LoadedPlan,
    PlanEditKind,
    PlanState,
)
from perilune.planning.engine.stored_plans import Changes, changes_between, document_of
from perilune.planning.models import Plan, PlanContent, PlanEdit
from perilune.planning.queries.plans import (
    MISSING_PLAN,
    head_of,
    loaded_plan_of,
    require_seen_plan,
    require_whole_plan,
)

LONGEST_NAME = 120


@dataclass
class ChangingPlan:
    """A plan that is held for a change: what it was, and what becomes of it."""

    row: Plan
    found: LoadedPlan
    seen: frozenset[str]
    scope: Scope
    actor: str
    at: datetime

    def put(self, content: Content, kind: PlanEditKind, *, private: bool = False) -> int:
        """Say what the plan holds now, and note what changed; return how much did."""
        changes = changes_between(document_of(self.found.content), document_of(content))
        self.write(content)
        self.note(kind, changes, private=private)
        return len(changes)

    def write(self, content: Content) -> None:
        """Say what the plan holds now, without a note."""
        PlanContent.objects.filter(plan=self.row).update(document=document_of(content))
        self.found = replace(self.found, content=content)

    def note(
        self, kind: PlanEditKind, changes: Changes | None = None, *, private: bool = False
    ) -> None:
        """Note the change under its edition; what was undone before can be made again no more.

        A change of state notes itself: where the plan stood, and where it stands.
        """
        if kind not in (PlanEditKind.UNDO, PlanEditKind.REDO, PlanEditKind.STATE):
            PlanEdit.objects.filter(plan=self.row, is_undone=True).update(is_void=True)
        if kind is PlanEditKind.STATE:
            changes = [["state", "", self.found.head.state.value, self.row.state]]
        PlanEdit.objects.create(
            plan=self.row,
            number=self.row.edition + 1,
            kind=kind.value,
            actor=self.actor,
            at=self.at,
            changes=changes or [],
            is_private=private,
        )


@contextmanager
def changing_plan(
    plan_id: int,
    edition: int,
    *,
    actor: str,
    scope: Scope,
    whole: bool = False,
    states: frozenset[PlanState] = PLAN_EDITABLE,
) -> Iterator[ChangingPlan]:
    """Hold a plan for a change, and raise its edition.

    whole: the change concerns all of it. NotFound where nothing of it is theirs, Refused where
    not all of it is and that is needed or to whoever was not named, Conflict when it is no longer
    the edition that the change was made on, Invalid in a state that does not take it.
    """
    with transaction.atomic():
        # the row is held until all is written: two changes never take the same edition
        row = Plan.objects.select_for_update().filter(id=plan_id).first()
        if row is None:
            raise NotFound(MISSING_PLAN)
        settle_plan(row)
        found = loaded_plan_of(row)
        seen = require_seen_plan(found, scope, actor)
        if whole:
            require_whole_plan(found, scope, actor)
        if edition != row.edition:
            raise stale_plan(row, edition)
        if found.head.state not in states:
            raise wrong_plan_state(found)
        held = ChangingPlan(row, found, seen, scope, actor, datetime.now(UTC))
        yield held
        row.edition += 1
        row.save()


def wrong_plan_state(found: LoadedPlan) -> Invalid:
    """Return the error of a verb that a plan's state does not take."""
    state = gettext(PLAN_STATE_LABELS[found.head.state])
    message = _("“%(name)s” is %(state)s: this cannot be done to it now.")
    return Invalid(message, name=found.head.name, state=state)


def stale_plan(row: Plan, edition: int) -> Conflict:
    """Return the conflict of who changed an edition that is no longer there: it says by whom."""
    last = PlanEdit.objects.filter(plan=row, number__gt=edition).order_by("-number").first()
    if last is None:
        return Conflict(
            _("This plan is at edition %(edition)s: reload it and apply your change again."),
            edition=row.edition,
        )
    return Conflict(
        _("%(by)s changed this plan meanwhile (%(what)s): reload it and apply your change again."),
        by=last.actor,
        what=gettext(PLAN_EDIT_LABELS[PlanEditKind(last.kind)]),
        edition=row.edition,
    )


def settle_plan(row: Plan) -> None:
    """Let a plan whose change set was rolled back be approved again, and its predecessor in force.

    The roll-back may come from the journal, which knows nothing of plans.
    """
    if row.state != PlanState.PUBLISHED or row.change_set_id is None:
        return
    if head_of(row).change_set_id is not None:
        return
    row.state, row.effective_from, row.change_set_id = PlanState.APPROVED.value, None, None
    before = row.replaced
    if before is not None and before.state == PlanState.SUPERSEDED:
        Plan.objects.filter(id=before.pk).update(state=PlanState.PUBLISHED.value)
    row.replaced = None
    row.save()


def plan_name(name: str) -> str:
    """Return a name without needless blanks; Invalid when it is empty or too long."""
    bare = " ".join(name.split())
    if not bare or len(bare) > LONGEST_NAME:
        problem = Problem(
            _("A name has between 1 and %(most)s characters."), {"most": LONGEST_NAME}, field="name"
        )
        raise Invalid(problem.message, (problem,), **problem.params)
    return bare


def require_circle(held: ChangingPlan) -> None:
    """Refuse changes of people events to whoever neither made the plan nor was named (rule 24)."""
    if not held.found.head.is_of_circle(held.actor):
        raise Refused(_("Hires and leavers of a plan are changed by its author and those named."))


def settings_with(row: Plan, **values: Any) -> dict[str, Any]:
    """Return a plan's settings with some of them replaced."""
    return {**row.settings, **values}
