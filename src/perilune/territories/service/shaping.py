"""Territories by hand: add one, remove one, merge two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

import numpy as np

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import COLOURS, MOST_TERRITORIES, EditKind, Sheet, TerritoryRow
from perilune.territories.service.drafts import name_checked, row_named
from perilune.territories.service.guarding import (
    NOBODY,
    numbers_of,
    require_free,
    require_rep,
    territory_of,
)
from perilune.territories.service.writing import Changing, changing


def add_territory(
    draft_id: int,
    edition: int,
    name: str,
    *,
    actor: str,
    scope: Scope,
    rep_id: int | None = None,
    units: Sequence[int] = (),
) -> Sheet:
    """Add a territory at the end, empty or with accounts (their numbers in the draft).

    Invalid where another one has the name, or where an account or its territory is locked.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        rows, found = held.found.rows, held.found
        if len(rows) >= MOST_TERRITORIES:
            raise Invalid(_("A plan has between 1 and %(most)s territories."),
                          most=MOST_TERRITORIES)  # fmt: skip
        if rep_id is not None:
            require_rep(rep_id, scope)
        fresh = row_named(TerritoryRow(len(rows), "", rep_id, colour=len(rows) % COLOURS), name)
        if fresh.name.casefold() in {row.name.casefold() for row in rows}:
            raise Invalid(_("There is a territory “%(name)s” already."), name=fresh.name)
        places = found.territory.copy()
        if units:
            chosen = numbers_of(held, units)
            require_free(held, chosen, places[chosen], NOBODY)
            places[chosen] = fresh.number
        held.rewrite(EditKind.ADD, [*rows, fresh], places, territory=fresh.number, count=len(units))
    return held.sheet()


def remove_territory(
    draft_id: int, edition: int, territory: int, *, actor: str, scope: Scope, to: int = NOBODY
) -> Sheet:
    """Remove a territory; its accounts go to another one, or to none. Later ones move up.

    Invalid where it, or where its accounts go, is locked, or where one of its accounts is.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        _given_up(held, EditKind.REMOVE, territory, to)
    return held.sheet()


def merge(draft_id: int, edition: int, into: int, other: int, *, actor: str, scope: Scope) -> Sheet:
    """Merge a territory into another one, which keeps its name and rep; refused as a removal is."""
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        if territory_of(held, into).is_locked:
            raise Invalid(
                _("The territory “%(name)s” is locked."), name=territory_of(held, into).name
            )
        _given_up(held, EditKind.MERGE, other, into)
    return held.sheet()


def _given_up(held: Changing, kind: EditKind, territory: int, to: int) -> None:
    row = territory_of(held, territory)
    if to == territory:
        raise Invalid(_("The accounts of “%(name)s” must go somewhere else."), name=row.name)
    if to != NOBODY:
        territory_of(held, to)
    inside = np.flatnonzero(held.found.territory == territory)
    if row.is_locked:
        raise Invalid(_("The territory “%(name)s” is locked."), name=row.name)
    if len(inside):
        require_free(held, inside, np.array([territory]), to)
    moved = held.found.territory.copy()
    moved[inside] = to
    moved = np.where(moved > territory, moved - 1, moved)
    kept = [other for other in held.found.rows if other.number != territory]
    numbered = [replace(other, number=at) for at, other in enumerate(kept)]
    held.rewrite(kind, numbered, moved, count=len(inside))


def put_region(
    draft_id: int, edition: int, territory: int, region: str, *, actor: str, scope: Scope
) -> Sheet:
    """Put a territory in a region by its name, "" for none; Invalid for a name too long."""
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        row = territory_of(held, territory)
        bare = name_checked(region) if region.strip() else ""
        same = {one.region.casefold(): one.region for one in held.found.rows}
        changed = replace(row, region=same.get(bare.casefold(), bare))
        held.put_rows([changed])
        held.note(EditKind.REGION, count=1, territory=territory,
                  rows=[[asdict(row)], [asdict(changed)]])  # fmt: skip
    return held.sheet()
