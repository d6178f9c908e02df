"""Change a draft by hand: move accounts, seat reps, rename, lock; take changes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import WHOLE, EditKind, Sheet, TerritoryRow
from perilune.territories.models import DraftEdit
from perilune.territories.models.packing import pack_one, unpack_one
from perilune.territories.queries.heads import stacks
from perilune.territories.queries.loading import require_whole, seen_accounts
from perilune.territories.service.drafts import row_named
from perilune.territories.service.guarding import (
    NOBODY,
    numbers_of,
    require_free,
    require_rep,
    territory_of,
    whole_of,
)
from perilune.territories.service.writing import Changing, changing


def move_units(
    draft_id: int,
    edition: int,
    units: Sequence[int],
    to: int,
    *,
    actor: str,
    scope: Scope,
    is_alone: bool = False,
) -> Sheet:
    """Move accounts (their numbers in the draft) to a territory, -1 for none; return the sheet.

    Where the draft hands containers out whole, all that lies in the same ones and that the actor
    sees goes along; is_alone: nothing does, which may tear a container.
    Refused where one of them, or the territory, is beyond the actor's reps. Invalid, naming the
    account or territory, where one is locked; NotFound for a number that is not there.
    """
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        found = held.found
        chosen = numbers_of(held, units)
        if not is_alone:
            chosen = whole_of(held, chosen)
        if to != NOBODY:
            territory_of(held, to)
        before = found.territory[chosen]
        moving = before != to
        chosen, before = chosen[moving], before[moving]
        require_free(held, chosen, before, to)
        after = found.territory.copy()
        after[chosen] = to
        touched = sorted({int(number) for number in np.unique(before)} | {to})
        held.put_territory(after, touched)
        held.note(
            EditKind.MOVE,
            count=len(chosen),
            territory=None if to == NOBODY else to,
            units=pack_one(chosen.astype(np.int32)),
            before=pack_one(before.astype(np.int16)),
            after=pack_one(np.full(len(chosen), to, np.int16)),
        )
    return held.sheet()


def rename(
    draft_id: int, edition: int, territory: int, name: str, *, actor: str, scope: Scope
) -> Sheet:
    """Give a territory another name; Invalid where another one has it."""
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        row = territory_of(held, territory)
        changed = row_named(row, name)
        taken = {o.name.casefold() for o in held.found.rows if o.number != territory}
        if changed.name.casefold() in taken:
            raise Invalid(_("There is a territory “%(name)s” already."), name=changed.name)
        _put_row(held, EditKind.RENAME, row, changed)
    return held.sheet()


def seat(
    draft_id: int, edition: int, territory: int, rep_id: int | None, *, actor: str, scope: Scope
) -> Sheet:
    """Seat a rep in a territory, None for a vacancy.

    NotFound for a rep who is not there; Invalid for one who has left; Refused for one beyond the
    actor's.
    """
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        row = territory_of(held, territory)
        if rep_id is not None:
            require_rep(rep_id, scope)
        _put_row(held, EditKind.SEAT, row, replace(row, rep_id=rep_id))
    return held.sheet()


def seat_all(
    draft_id: int, edition: int, seats: Mapping[int, int | None], *, actor: str, scope: Scope
) -> Sheet:
    """Seat reps in several territories as one change; errors as of `seat`."""
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        before = [territory_of(held, number) for number in seats]
        for rep_id in seats.values():
            if rep_id is not None:
                require_rep(rep_id, scope)
        after = [replace(row, rep_id=seats[row.number]) for row in before]
        held.put_rows(after)
        rows = [[asdict(row) for row in before], [asdict(row) for row in after]]
        held.note(EditKind.SEAT, rows=rows)
    return held.sheet()


def lock(
    draft_id: int,
    edition: int,
    is_locked: bool = True,
    *,
    actor: str,
    scope: Scope,
    territory: int | None = None,
    units: Sequence[int] = (),
) -> Sheet:
    """Lock a territory (nothing comes or goes, no design touches it) or accounts where they are."""
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        if territory is not None:
            row = territory_of(held, territory)
            _put_row(held, EditKind.LOCK, row, replace(row, is_locked=is_locked))
        else:
            chosen = numbers_of(held, units)
            before = held.found.locked[chosen]
            after = held.found.locked.copy()
            after[chosen] = is_locked
            held.put_locked(after)
            held.note(
                EditKind.LOCK,
                count=len(chosen),
                units=pack_one(chosen.astype(np.int32)),
                before=pack_one(before),
                after=pack_one(np.full(len(chosen), is_locked)),
            )
    return held.sheet()


def undo(draft_id: int, edition: int, *, actor: str, scope: Scope) -> Sheet:
    """Take the latest change back that stands; Invalid when there is none."""
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        last = stacks(draft_id)[0]
        if last is None:
            raise Invalid(_("There is nothing to take back."))
        _apply(held, last, is_back=True)
        DraftEdit.objects.filter(id=last.pk).update(is_undone=True)
        held.note(EditKind.UNDO, count=last.count, territory=last.territory)
    return held.sheet()


def redo(draft_id: int, edition: int, *, actor: str, scope: Scope) -> Sheet:
    """Make the change again that was taken back last; Invalid when there is none."""
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        following = stacks(draft_id)[1]
        if following is None:
            raise Invalid(_("There is nothing to make again."))
        _apply(held, following, is_back=False)
        DraftEdit.objects.filter(id=following.pk).update(is_undone=False)
        held.note(EditKind.REDO, count=following.count, territory=following.territory)
    return held.sheet()


# -- shared ----------------------------------------------------------------------------------------


def _apply(held: Changing, edit: DraftEdit, *, is_back: bool) -> None:
    """Put a draft where it was before a change, or after it."""
    side = 0 if is_back else 1
    is_lock = edit.kind == EditKind.LOCK
    if edit.units is None and edit.before is not None:
        require_whole(held.found, held.scope, held.actor)
    if edit.kind in {EditKind.PAIRS, EditKind.CONTAINERS}:
        _put_back_settings(held, edit, side)
        return
    if edit.rows is not None:
        _put_back_rows(held, edit, [TerritoryRow(**values) for values in edit.rows[side]])
    values = edit.before if is_back else edit.after
    if values is None:
        return
    there = unpack_one(values)
    if edit.units is None:
        held.put_territory(there, [row.number for row in held.found.rows])
        held.put_minutes([TerritoryRow(**values) for values in (edit.rows or ((), ()))[side]])
        return
    chosen = unpack_one(edit.units)
    if not seen_accounts(held.found, held.scope, held.actor)[chosen].all():
        raise Refused(_("This change concerns accounts beyond your reps."))
    if is_lock:
        locked = held.found.locked.copy()
        locked[chosen] = there
        held.put_locked(locked)
        return
    territory = held.found.territory.copy()
    touched = {int(n) for n in np.unique(territory[chosen])} | {int(n) for n in np.unique(there)}
    territory[chosen] = there
    held.put_territory(territory, sorted(touched))


def _put_back_settings(held: Changing, edit: DraftEdit, side: int) -> None:
    """Put back what concerns the whole draft and no territory."""
    require_whole(held.found, held.scope, held.actor)
    assert edit.rows is not None
    if edit.kind == EditKind.CONTAINERS:
        held.row.containers_id = edit.rows[side]
    else:
        held.row.settings = {**held.row.settings, "pairs": edit.rows[side]}


def _put_back_rows(held: Changing, edit: DraftEdit, rows: list[TerritoryRow]) -> None:
    if EditKind(edit.kind) in WHOLE:
        held.replace_rows(rows)
        return
    _require_rows(held, rows)
    held.put_rows([_carried(held, row, edit.kind) for row in rows])


def _carried(held: Changing, row: TerritoryRow, kind: str) -> TerritoryRow:
    """Return a territory as it stands with the fields that a change was about."""
    now = next(other for other in held.found.rows if other.number == row.number)
    names = {
        EditKind.RENAME: ("name",),
        EditKind.SEAT: ("rep_id",),
        EditKind.LOCK: ("is_locked",),
        EditKind.RULE: ("only", "pin_x", "pin_y"),
        EditKind.REGION: ("region",),
    }
    changed: dict[str, Any] = {name: getattr(row, name) for name in names[EditKind(kind)]}
    return replace(now, **changed)


def _require_rows(held: Changing, rows: Sequence[TerritoryRow]) -> None:
    if any(row.number not in held.seen for row in rows):
        raise Refused(_("This change concerns territories beyond your reps."))


def _put_row(held: Changing, kind: EditKind, before: TerritoryRow, after: TerritoryRow) -> None:
    held.put_rows([after])
    held.note(kind, count=1, territory=after.number, rows=[[asdict(before)], [asdict(after)]])
