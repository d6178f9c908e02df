"""Hand workbooks of a plan out, take them back, merge them into one edition."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

from django.db import transaction

from perilune.kernel.errors import Conflict, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.planning.contracts import (
    PLAN_EDITABLE,
    Amounts,
    Place,
    PlanEditKind,
    Returned,
    ReturnState,
    Taken,
    Workbook,
)
from perilune.planning.models import PlanReturn, PlanWorkbook
from perilune.planning.queries.merging import decided
from perilune.planning.queries.plans import loaded_plan, require_seen_plan
from perilune.planning.queries.workbooks import (
    Holder,
    inputs_of,
    plain_amounts,
    returned_of,
    subtree,
    waiting_of,
    workbook_of,
)
from perilune.planning.service.plan_editing import set_cells
from perilune.planning.service.plan_writing import (
    changing_plan,
    settings_with,
    wrong_plan_state,
)
from perilune.planning.service.workbook_reading import read_return


def hand_out(plan_id: int, holder: Holder, *, actor: str, scope: Scope) -> Workbook:
    """Note that a workbook is handed out, with its inputs as they stand; return it.

    Refused for units beyond one's reps, Invalid in a state that takes no changes.
    """
    with transaction.atomic():
        found = loaded_plan(plan_id)
        seen = require_seen_plan(found, scope, actor)
        if found.head.state not in PLAN_EDITABLE:
            raise wrong_plan_state(found)
        if not set(subtree(found.content, holder.units)) <= seen:
            raise Refused(_("This concerns people beyond your reps: ask sales operations."))
        base = inputs_of(
            found.content, holder.units, len(company().calendar.months(found.head.year))
        )
        row = PlanWorkbook.objects.create(
            plan_id=plan_id,
            key=uuid4().hex,
            holder=holder.name or holder.key,
            rep_id=holder.rep_id,
            units=list(holder.units),
            edition=found.head.edition,
            base=plain_amounts(base),
            made_by=actor,
            made_at=datetime.now(UTC),
        )
    return workbook_of(row)


def lock_workbooks(
    plan_id: int, edition: int, day: date | None, *, actor: str, scope: Scope
) -> None:
    """Say until which day returned workbooks are taken; None: without an end."""
    with changing_plan(plan_id, edition, actor=actor, scope=scope, whole=True) as held:
        text = None if day is None else day.isoformat()
        held.row.settings = settings_with(held.row, lock_on=text)
        held.note(PlanEditKind.SETTINGS)


def read_file(plan_id: int, path: Path, name: str, *, actor: str, scope: Scope) -> Returned:
    """Read a returned workbook or a plain sheet, without keeping it; its id is 1.

    Invalid with every cell that is wrong (`Problem.field` names it); for a workbook of another
    plan or home, and for one that comes after the day of the lock.
    """
    return read_return(plan_id, path, name, actor=actor, scope=scope)[0]


def receive_file(plan_id: int, path: Path, name: str, *, actor: str, scope: Scope) -> Returned:
    """Read a file and let it wait for the merge; a workbook that came before is replaced by it."""
    found, row = read_return(plan_id, path, name, actor=actor, scope=scope)
    with transaction.atomic():
        if row is not None:
            waits = PlanReturn.objects.filter(workbook=row, state=ReturnState.WAITING.value)
            waits.update(state=ReturnState.DROPPED.value)
        kept = PlanReturn.objects.create(
            plan_id=plan_id,
            workbook=row,
            who=found.who[:160],
            file=found.file[:200],
            edition=found.edition,
            base=plain_amounts(found.base),
            cells=plain_amounts(found.cells),
            actor=actor,
            at=datetime.now(UTC),
        )
    return returned_of(kept)


def drop_return(plan_id: int, return_id: int, *, actor: str, scope: Scope) -> None:
    """Put a file aside that waits: nothing of it is written."""
    seen = require_seen_plan(loaded_plan(plan_id), scope, actor)
    chosen = PlanReturn.objects.filter(
        plan_id=plan_id, id=return_id, state=ReturnState.WAITING.value
    )
    _require_units([returned_of(row) for row in chosen], seen)
    if not chosen.update(state=ReturnState.DROPPED.value):
        raise NotFound(_("There is no such file (any more)."))


def merge_returns(
    plan_id: int,
    edition: int,
    returns: Sequence[int],
    choices: Mapping[Place, int],
    *,
    actor: str,
    scope: Scope,
) -> Taken:
    """Write what files say as one edition, which undo takes back whole.

    choices: by place of a clash KEEP or the id of the file whose amount is taken. Conflict where a
    file no longer waits, or the plan was changed since the preview.
    """
    with transaction.atomic():
        rows = PlanReturn.objects.select_for_update().filter(
            plan_id=plan_id, id__in=list(returns), state=ReturnState.WAITING.value
        )
        files = [returned_of(row) for row in rows]
        if len(files) != len(set(returns)):
            raise Conflict(_("One of these files no longer waits: look at the preview again."))
        found = loaded_plan(plan_id)
        _require_units(files, require_seen_plan(found, scope, actor))
        merge = waiting_of(found, files).merge
        amounts = decided(merge, choices)
        count = _write(plan_id, edition, amounts, actor=actor, scope=scope)
        after = edition + 1 if count else edition
        ids = [one.id for one in files]
        PlanReturn.objects.filter(id__in=ids).update(
            state=ReturnState.MERGED.value, merged_as=after
        )
    return Taken(after, count, len(merge.clashes), len(files))


def take_file(
    plan_id: int, file: Returned, choices: Mapping[Place, int], *, actor: str, scope: Scope
) -> int:
    """Merge one file that was read, without letting it wait; return how many amounts changed."""
    found = loaded_plan(plan_id)
    amounts = decided(waiting_of(found, [file]).merge, choices)
    return _write(plan_id, found.head.edition, amounts, actor=actor, scope=scope)


def _require_units(files: Sequence[Returned], seen: frozenset[str]) -> None:
    if not {place.unit for one in files for place in one.cells} <= seen:
        raise Refused(_("This concerns people beyond your reps: ask sales operations."))


def _write(plan_id: int, edition: int, amounts: Amounts, *, actor: str, scope: Scope) -> int:
    if not amounts:
        return 0
    return set_cells(plan_id, edition, amounts, actor=actor, scope=scope, kind=PlanEditKind.IMPORT)
