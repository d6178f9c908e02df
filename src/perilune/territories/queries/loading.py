"""Drafts as they stand, with their arrays; the accounts of a snapshot are kept in memory."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import numpy as np

from perilune.history.queries import set_info
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import NotFound, Refused
from perilune.kernel.keeping import Kept
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import (
    Accounts,
    Attribute,
    Containers,
    DraftHead,
    DraftState,
    Holder,
    Loaded,
    TerritoryRow,
)
from perilune.territories.models import ContainerSet, Draft, DraftTerritory, Snapshot
from perilune.territories.models.packing import unpack, unpack_one, unpack_texts

MISSING = _("There is no such territory plan, or nothing of it is yours to see.")

_accounts: Kept[Accounts] = Kept(6)
_names: Kept[list[str]] = Kept(6)
_containers: Kept[Containers] = Kept(6)

AREAS = "areas"
"""What containers are by where they are polygons of a file."""

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def head_of(row: Draft, territories: int) -> DraftHead:
    """Return a draft's head; its state is what it is after a roll-back of what it wrote."""
    snapshot = row.snapshot
    return DraftHead(
        id=row.pk,
        name=row.name,
        layer=row.layer,
        state=state_of(row),
        author=row.author,
        edition=row.edition,
        as_of=AsOf(snapshot.as_of_at, snapshot.as_of_day),
        accounts=snapshot.count,
        territories=territories,
        made_at=row.made_at,
        effective_from=row.effective_from,
        based_on=row.based_on_id,
        submitted_by=row.submitted_by,
        submitted_at=row.submitted_at,
        checked_by=row.checked_by,
        checked_at=row.checked_at,
        is_self_approved=row.is_self_approved,
        reason=row.reason,
        change_set_id=row.change_set_id,
        settings=row.settings,
    )


def state_of(row: Draft) -> DraftState:
    """Return the state of a draft; in force no more once what it wrote was rolled back."""
    state = DraftState(row.state)
    if state is DraftState.ACTIVE and row.change_set_id is not None:
        written = set_info(row.change_set_id)
        if written is None or written.retracted_at is not None:
            return DraftState.APPROVED
    return state


def loaded(draft_id: int) -> Loaded:
    """Return a draft with all it holds; the gate is the caller's affair. NotFound if unknown."""
    row = (
        Draft.objects.select_related("snapshot", "units")
        .defer("snapshot__arrays", "snapshot__names")
        .filter(id=draft_id)
        .first()
    )
    if row is None:
        raise NotFound(MISSING)
    return loaded_of(row)


def loaded_of(row: Draft) -> Loaded:
    """Return a draft with all it holds, from its row."""
    rows = tuple(row_of(one) for one in DraftTerritory.objects.filter(draft=row))
    snapshot = row.snapshot
    return Loaded(
        head=head_of(row, len(rows)),
        rows=rows,
        holders=tuple(Holder(**one) for one in snapshot.holders),
        attributes=tuple(Attribute(**one) for one in snapshot.attributes),
        accounts=accounts_of(snapshot.pk, snapshot.digest),
        territory=unpack_one(row.units.territory),
        locked=unpack_one(row.units.locked),
        currency=snapshot.currency,
        store_version=snapshot.store_version,
        snapshot_id=snapshot.pk,
        snapshot_digest=snapshot.digest,
        containers=None if row.containers_id is None else containers_of(row.containers_id),
    )


def row_of(row: DraftTerritory) -> TerritoryRow:
    """Return a territory of a draft, plain."""
    return TerritoryRow(**{item.name: getattr(row, item.name) for item in fields(TerritoryRow)})


def accounts_of(snapshot_id: int, digest: str) -> Accounts:
    """Return the accounts of a snapshot; they never change, so a process reads them once."""

    def read() -> Accounts:
        blob = Snapshot.objects.values_list("arrays", flat=True).get(id=snapshot_id)
        return Accounts(**unpack(blob))

    return _accounts.get((snapshot_id, digest), read)


def names_of(draft: Loaded) -> list[str]:
    """Return the names of a draft's accounts, in order."""

    def read() -> list[str]:
        blob = Snapshot.objects.values_list("names", flat=True).get(id=draft.snapshot_id)
        return unpack_texts(blob)

    return _names.get((draft.snapshot_id, draft.snapshot_digest), read)


def containers_of(set_id: int) -> Containers:
    """Return a set of containers; it never changes, so a process reads it once."""
    row = ContainerSet.objects.only("digest").get(id=set_id)

    def read() -> Containers:
        full = ContainerSet.objects.defer("shapes").get(id=set_id)
        return Containers(
            id=full.pk,
            digest=full.digest,
            by=full.by,
            title=full.title,
            names=tuple(unpack_texts(full.names)),
            member=unpack_one(full.member),
            edges=None if full.edges is None else unpack_one(full.edges),
            has_shapes=full.by == AREAS,
            notes=tuple(
                (message, tuple((k, v) for k, v in params.items()))
                for message, params in full.notes
            ),
        )

    return _containers.get((set_id, row.digest), read)


# -- the gate --------------------------------------------------------------------------------------


def seen_rows(draft: Loaded, scope: Scope, actor: str) -> frozenset[int]:
    """Return the numbers of the territories that a person may see and change.

    Those of their reps, and vacant ones of their own drafts.
    """
    if scope.aggregates_only:
        return frozenset()
    is_own = draft.head.author == actor
    return frozenset(
        row.number
        for row in draft.rows
        if scope.owners is None or (is_own if row.rep_id is None else scope.sees(row.rep_id))
    )


def seen_accounts(draft: Loaded, scope: Scope, actor: str) -> Mask:
    """Return (n,) whether a person may see each account: in such a territory, or their reps'."""
    if scope.owners is None and not scope.aggregates_only:
        return np.ones(len(draft.territory), bool)
    seen = seen_rows(draft, scope, actor)
    numbers = np.array([row.number in seen for row in draft.rows] + [False], bool)
    own = np.isin(draft.accounts.owner, sorted(scope.owners or ()))
    if scope.aggregates_only:
        return np.zeros(len(draft.territory), bool)
    return np.asarray(numbers[draft.territory] | own)


def is_whole(draft: Loaded, scope: Scope, actor: str) -> bool:
    """Tell whether a person sees all of a draft."""
    if scope.owners is None and not scope.aggregates_only:
        return True
    return len(seen_rows(draft, scope, actor)) == len(draft.rows) and bool(
        seen_accounts(draft, scope, actor).all()
    )


def require_seen(draft: Loaded, scope: Scope, actor: str) -> frozenset[int]:
    """Return the numbers of the territories seen; NotFound where there is none."""
    seen = seen_rows(draft, scope, actor)
    if not seen and not is_whole(draft, scope, actor):
        raise NotFound(MISSING)
    return seen


def require_whole(draft: Loaded, scope: Scope, actor: str) -> None:
    """Refuse to whoever does not see all of a draft what concerns its whole."""
    require_seen(draft, scope, actor)
    if not is_whole(draft, scope, actor):
        raise Refused(_("This concerns territories beyond your reps: ask sales operations."))
