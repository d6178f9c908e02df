"""Begin a draft from the accounts as they are, clone it, archive it, comment on it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from django.db import transaction

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound, Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import service as store
from perilune.territories.contracts import (
    COLOURS,
    MOST_ACCOUNTS,
    MOST_TERRITORIES,
    Accounts,
    Attribute,
    Criterion,
    DraftState,
    EditKind,
    HoldOver,
    Loaded,
    TerritoryRow,
)
from perilune.territories.models import (
    Draft,
    DraftComment,
    DraftTerritory,
    DraftUnits,
    Snapshot,
)
from perilune.territories.models.packing import pack, pack_one, pack_texts
from perilune.territories.queries.criteria import plain, sound
from perilune.territories.queries.heads import proof_stands
from perilune.territories.queries.loading import loaded, require_seen, require_whole
from perilune.territories.queries.potentials import potential_choices
from perilune.territories.queries.snapshots import Read, snapshot
from perilune.territories.service.guarding import require_rep
from perilune.territories.service.writing import changing, measure

LONGEST_NAME = 120
LONGEST_COMMENT = 4000
"""Colours that territories take in turn."""


def create_draft(  # noqa: PLR0913  # what a plan begins from
    name: str,
    attributes: Sequence[Attribute],
    *,
    actor: str,
    scope: Scope,
    as_of: AsOf | None = None,
    layer: str = "",
    criteria: Sequence[Criterion] = (),
    reps: Sequence[int] = (),
    hold_over: HoldOver = HoldOver.COMMIT_STAYS,
) -> int:
    """Begin a draft with the accounts that a scope sees, as of an instant; return its id.

    It starts from what is in force in the layer, else from who owns the accounts: one territory a
    rep. criteria: what accounts must meet to be of it; the others are left to whoever has them.
    reps: who gets a territory in any case, with no accounts at first. Accounts without a place come
    along; they move in the table. Invalid for a bad name, an attribute or a condition that cannot
    be, a rep who is not there or has left, no or too many accounts; Refused for a rep beyond the
    scope.
    """
    if not attributes:
        raise Invalid(_("Say what the territories are to be balanced by."))
    at = as_of or company().today
    bare, layer = name_checked(name), " ".join(layer.split())
    asked = sound(criteria)
    store.refresh()
    read = snapshot(scope, at, attributes, layer, asked)
    count, others = len(read.names), _others(read, reps, scope)
    if count > MOST_ACCOUNTS or len(read.holders) + len(others) > MOST_TERRITORIES:
        raise Invalid(
            _("A plan takes at most %(most)s accounts and %(territories)s territories; here are"
              " %(count)s accounts of %(holders)s."),
            most=MOST_ACCOUNTS, territories=MOST_TERRITORIES, count=count,
            holders=len(read.holders) + len(others),
        )  # fmt: skip
    with transaction.atomic():
        draft = Draft.objects.create(
            name=bare,
            layer=layer[:60],
            author=actor,
            snapshot=_kept(read, at),
            settings={
                "hold_over": HoldOver(hold_over).value,
                "criteria": plain(asked),
                "unknown": dict(read.unknown),
                "without_rate": dict(read.without_rate),
            },
            made_at=datetime.now(UTC),
        )
        DraftUnits.objects.create(
            draft=draft,
            territory=pack_one(read.accounts.holder.astype(np.int16)),
            locked=pack_one(np.zeros(count, bool)),
        )
        DraftTerritory.objects.bulk_create(
            DraftTerritory(
                draft=draft, number=at, name=holder.name[:LONGEST_NAME], rep_id=holder.rep_id,
                holder=at, record_id=holder.record_id, colour=at % COLOURS, region=holder.region,
            )
            for at, holder in enumerate(read.holders)
        )  # fmt: skip
        first = len(read.holders)
        DraftTerritory.objects.bulk_create(
            DraftTerritory(draft=draft, number=first + at, name=name[:LONGEST_NAME], rep_id=rep,
                           colour=(first + at) % COLOURS)
            for at, (rep, name) in enumerate(others)
        )  # fmt: skip
        found = loaded(draft.pk)
        for row in found.rows:
            values = asdict(measure(found, row))
            DraftTerritory.objects.filter(draft=draft, number=row.number).update(**values)
    return draft.pk


def clone_draft(draft_id: int, name: str, *, actor: str, scope: Scope) -> int:
    """Copy a plan in any state into a draft of one's own; return its id.

    The copy carries on the territories in force of a plan that was published. Refused to whoever
    does not see its whole.
    """
    found = loaded(draft_id)
    require_whole(found, scope, actor)
    source = Draft.objects.get(id=draft_id)
    units = DraftUnits.objects.get(draft_id=draft_id)
    with transaction.atomic():
        copy = Draft.objects.create(
            name=name_checked(name),
            layer=source.layer,
            author=actor,
            snapshot_id=source.snapshot_id,
            settings=_carried(found, source.settings),
            containers_id=source.containers_id,
            based_on=source,
            made_at=datetime.now(UTC),
        )
        DraftUnits.objects.create(draft=copy, territory=units.territory, locked=units.locked)
        DraftTerritory.objects.bulk_create(
            DraftTerritory(draft=copy, **asdict(row)) for row in found.rows
        )
    return copy.pk


def archive(draft_id: int, edition: int, *, actor: str, scope: Scope) -> None:
    """Put a draft away that is not in force; what is in force is replaced or taken back."""
    states = frozenset(DraftState) - {DraftState.ACTIVE, DraftState.ARCHIVED}
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True, states=states) as held:
        held.row.state = DraftState.ARCHIVED.value
        held.row.effective_from = None
        held.note(EditKind.STATE)


def change_settings(
    draft_id: int,
    edition: int,
    *,
    actor: str,
    scope: Scope,
    name: str | None = None,
    hold_over: HoldOver | None = None,
    potential: str | None = None,
) -> None:
    """Rename a draft, give it another rule for open deals, or say which field is potential.

    potential: `field:<numeric field of the account>`, "" for none; Invalid for another.
    """
    if potential and potential not in {one.key for one in potential_choices()}:
        raise Invalid(_("Accounts have no number “%(key)s” to stand for potential."), key=potential)
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        if name is not None:
            held.row.name = name_checked(name)
        if hold_over is not None:
            held.row.settings = {**held.row.settings, "hold_over": HoldOver(hold_over).value}
        if potential is not None:
            held.row.settings = {**held.row.settings, "potential": potential}
        held.note(EditKind.STATE)


def comment(
    draft_id: int, text: str, *, actor: str, scope: Scope, territory: int | None = None
) -> int:
    """Say something of a plan or of one of its territories; return the comment's id.

    Invalid without words; NotFound for a territory that is not there or not one's own.
    """
    found = loaded(draft_id)
    seen = require_seen(found, scope, actor)
    if territory is not None and territory not in seen:
        raise NotFound(_("This plan has no territory %(number)s of yours."), number=territory)
    bare = text.strip()
    if not bare or len(bare) > LONGEST_COMMENT:
        raise Invalid(_("A comment has between 1 and %(most)s characters."), most=LONGEST_COMMENT)
    made = DraftComment.objects.create(
        draft_id=draft_id, actor=actor, at=datetime.now(UTC), text=bare, territory=territory
    )
    return made.pk


def name_checked(name: str) -> str:
    """Return a name without needless blanks; Invalid when it is empty or too long."""
    bare = " ".join(name.split())
    if not bare or len(bare) > LONGEST_NAME:
        problem = Problem(
            _("A name has between 1 and %(most)s characters."), {"most": LONGEST_NAME}, field="name"
        )
        raise Invalid(problem.message, (problem,), **problem.params)
    return bare


def _kept(read: Read, as_of: AsOf) -> Snapshot:
    arrays = pack({item.name: getattr(read.accounts, item.name) for item in fields(Accounts)})
    names = pack_texts(read.names)
    return Snapshot.objects.create(
        as_of_at=as_of.at,
        as_of_day=as_of.day,
        store_version=read.store_version,
        count=len(read.names),
        digest=hashlib.sha256(arrays + names).hexdigest(),
        currency=company().currency,
        attributes=[asdict(attribute) for attribute in read.attributes],
        holders=[asdict(holder) for holder in read.holders],
        arrays=arrays,
        names=names,
    )


def _carried(found: Loaded, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a copy takes along: the proof of the design only while it is about the plan."""
    kept = {key: value for key, value in settings.items() if key not in ("proof", "tasks")}
    if proof_stands(found.head):
        kept["proof"] = {**settings["proof"], "edition": 1}
    return kept


def _others(read: Read, reps: Sequence[int], scope: Scope) -> list[tuple[int, str]]:
    """Return the reps asked for who hold nothing yet, each with a name for their territory."""
    held = {holder.rep_id for holder in read.holders}
    taken = {holder.name.casefold() for holder in read.holders}
    found = []
    for rep in dict.fromkeys(reps):
        name = require_rep(rep, scope)
        if rep not in held:
            found.append((rep, name if name.casefold() not in taken else f"{name} #{rep}"))
    return found


def row_named(row: TerritoryRow, name: str) -> TerritoryRow:
    """Return a territory under another name; Invalid for a bad one."""
    return replace(row, name=name_checked(name))
