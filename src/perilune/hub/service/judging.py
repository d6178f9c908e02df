"""What people say of duplicates that were found: one, different, later; one at a time or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import to_us
from perilune.hub.contracts.merging import Merged, MergePlan
from perilune.hub.contracts.review import GroupState, GroupView
from perilune.hub.models import DuplicateAnswer, DuplicateGroup, MassMerge
from perilune.hub.queries import duplicates as queries
from perilune.hub.service import merging
from perilune.hub.service.merging import Undone
from perilune.kernel.errors import Invalid, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import writing_time

MASS_MOST = 100
"""Groups that one mass merge takes unless it is told otherwise."""


def preview(
    view: GroupView, ids: Sequence[int], *, kept: int | None = None,
    chosen: Mapping[str, int] | None = None, is_forced: bool = False,
) -> MergePlan:  # fmt: skip
    """Return what merging records of a group would do; is_forced shows what would be refused."""
    return merging.merge_preview(view.kind, ids, kept=kept, chosen=chosen, may_differ=is_forced)


def group_merge(
    group_id: int, *, actor: str, scope: Scope, ids: Sequence[int] | None = None,
    kept: int | None = None, chosen: Mapping[str, int] | None = None, mark: str | None = None,
) -> Merged:  # fmt: skip
    """Merge records of a group (all that are there, or `ids`), and learn that they are one.

    Those left out are learnt to be different. Raises as `merging.merge`.
    """
    view = queries.group(group_id, scope)
    together = list(view.ids if ids is None else ids)
    if not set(together) <= set(view.ids):
        raise Invalid(_("These records are not of this group."))
    with transaction.atomic():
        for at, left in enumerate(together):
            for right in together[at + 1 :]:
                _answer(view.kind, left, right, is_same=True, actor=actor)
            for right in set(view.ids) - set(together):
                _answer(view.kind, left, right, is_same=False, actor=actor)
        done = merging.merge(view.kind, together, actor=actor, kept=kept, chosen=chosen, mark=mark)
        DuplicateGroup.objects.filter(id=group_id).update(
            state=GroupState.MERGED.value, change_set_id=done.change_set_id
        )
    return done


def group_different(group_id: int, *, actor: str, scope: Scope) -> None:
    """Say that the records of a group are different things: they are not brought up again."""
    view = queries.group(group_id, scope)
    with transaction.atomic():
        for left, right in combinations(view.ids, 2):
            _answer(view.kind, left, right, is_same=False, actor=actor)
        DuplicateGroup.objects.filter(id=group_id).update(state=GroupState.DIFFERENT.value)


def group_later(group_id: int, *, scope: Scope) -> None:
    """Put a group aside."""
    queries.group(group_id, scope)
    DuplicateGroup.objects.filter(id=group_id).update(state=GroupState.LATER.value)


def group_reopen(group_id: int, *, scope: Scope) -> None:
    """Take back what was said of a group that was not merged: it is to judge again."""
    view = queries.group(group_id, scope)
    if view.state is GroupState.MERGED:
        raise Invalid(_("Take the merge back first."))
    with transaction.atomic():
        DuplicateAnswer.objects.filter(
            kind=view.kind, left_id__in=view.ids, right_id__in=view.ids, is_same=False
        ).delete()
        DuplicateGroup.objects.filter(id=group_id).update(state=GroupState.OPEN.value)


def _answer(kind: str, one: int, two: int, *, is_same: bool, actor: str) -> None:
    left, right = sorted((one, two))
    known_us = to_us(writing_time() or datetime.now(UTC))
    DuplicateAnswer.objects.update_or_create(
        kind=kind, left_id=left, right_id=right,
        defaults={"is_same": is_same, "actor": actor, "known_us": known_us},
    )  # fmt: skip


def undo(change_set_id: int, *, actor: str, with_later: bool = False) -> Undone:
    """Take a merge back, and with it the word that its records are one: it is to judge again."""
    done = history.kept_by(change_set_id)
    with transaction.atomic():
        undone = merging.merge_undo(change_set_id, actor=actor, with_later=with_later)
        if done is not None:
            kind, kept, gone = done
            ids = (kept, *gone)
            DuplicateAnswer.objects.filter(
                kind=kind, left_id__in=ids, right_id__in=ids, is_same=True
            ).delete()
        DuplicateGroup.objects.filter(change_set_id__in=undone.change_set_ids).update(
            state=GroupState.OPEN.value, change_set_id=None
        )
    return undone


# -- many at once ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mass:
    """What a mass merge did, or would do: groups, records that would go, those left and why."""

    id: int | None
    groups: int
    gone: int
    left: tuple[tuple[int, str], ...]


def mass_merge(
    kind: str, *, actor: str, scope: Scope, at_least: float = 0.99, most: int = MASS_MOST,
    dry_run: bool = False,
) -> Mass:  # fmt: skip
    """Merge every group whose weakest pair is this sure, each as a merge of its own.

    left: the groups that could not be merged, with the reason (a message). Taken back by
    `mass_undo`.
    """
    lines = [
        line
        for line in queries.groups(kind, scope, limit=max(most, 1))
        if (line.weakest or 0.0) >= at_least
    ]
    sets, gone, left = [], 0, []
    for line in lines[:most]:
        try:
            view = queries.group(line.id, scope)
            if dry_run:
                merging.merge_preview(kind, view.ids)
                gone += len(view.ids) - 1
                sets.append(0)
                continue
            done = group_merge(line.id, actor=actor, scope=scope)
        except PeriluneError as error:
            left.append((line.id, error.message % error.params if error.params else error.message))
            continue
        sets.append(done.change_set_id)
        gone += len(done.gone)
    mass_id = None
    if sets and not dry_run:
        mass_id = MassMerge.objects.create(kind=kind, actor=actor, change_set_ids=sets).id
    return Mass(mass_id, len(sets), gone, tuple(left))


def mass_undo(mass_id: int, *, actor: str) -> Undone:
    """Take back every merge of a mass merge that still stands, newest first."""
    _kind, sets = queries.mass_merge_sets(mass_id)
    done: list[Undone] = []
    for set_id in reversed(sets):
        info = history.set_info(set_id)
        if info is not None and info.retracted_at is None:
            done.append(undo(set_id, actor=actor, with_later=True))
    return Undone(
        tuple(set_id for each in done for set_id in each.change_set_ids),
        sum(each.records for each in done),
        tuple(conflict for each in done for conflict in each.conflicts),
    )
