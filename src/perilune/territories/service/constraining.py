"""What a plan must obey: which accounts a territory may hold, where its centre is, who is apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.territories.contracts import EditKind, Sheet, TerritoryRow
from perilune.territories.models.packing import pack_one
from perilune.territories.queries.constraints import text_fields
from perilune.territories.service.guarding import numbers_of, territory_of
from perilune.territories.service.writing import Changing, changing

MOST_APART = 50
MOST_TOGETHER = 500


def bind_territory(
    draft_id: int,
    edition: int,
    territory: int,
    *,
    actor: str,
    scope: Scope,
    only: Mapping[str, Sequence[str]] | None = None,
    is_pinned: bool | None = None,
    at_units: Sequence[int] = (),
) -> Sheet:
    """Say which accounts a territory may hold, and whether designs keep its centre where it is.

    only: values of text or choice fields of accounts; empty: all; None: as before. at_units: pin
    the centre at the mean place of these accounts. Invalid for a field that does not tell accounts
    apart, and for a pin without a place.
    """
    with changing(draft_id, edition, actor=actor, scope=scope) as held:
        row = territory_of(held, territory)
        changed = row if only is None else replace(row, only=_sound(only))
        if at_units:
            changed = _pinned(held, changed, at_units)
        elif is_pinned is not None:
            pinned = (row.x, row.y) if is_pinned else (None, None)
            if is_pinned and row.x is None:
                raise Invalid(_("“%(name)s” has no account with a place: there is no centre yet."),
                              name=row.name)  # fmt: skip
            if not (is_pinned and row.pin_x is not None):
                changed = replace(changed, pin_x=pinned[0], pin_y=pinned[1])
        held.put_rows([changed])
        held.note(EditKind.RULE, territory=territory, rows=[[asdict(row)], [asdict(changed)]])
    return held.sheet()


def bind_accounts(
    draft_id: int,
    edition: int,
    units: Sequence[int],
    *,
    is_together: bool,
    actor: str,
    scope: Scope,
) -> Sheet:
    """Keep accounts (their numbers in the draft) in one territory, or each in another one.

    Invalid for fewer than two, for more than can be kept so, and for the contrary of what two of
    them were said to be.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        chosen = numbers_of(held, units).tolist()
        most = MOST_TOGETHER if is_together else min(MOST_APART, len(held.found.rows))
        if not 1 < len(chosen) <= most:
            raise Invalid(
                _("Choose between 2 and %(most)s accounts, not %(n)s."), most=most, n=len(chosen)
            )
        before = list(held.row.settings.get("pairs", []))
        kind = "together" if is_together else "apart"
        for other in before:
            if other["kind"] != kind and len(set(other["units"]) & set(chosen)) > 1:
                raise Invalid(_("Two of these accounts are bound the other way: lift that first."))
        _put_pairs(held, before, [*before, {"kind": kind, "units": chosen}], len(chosen))
    return held.sheet()


def lift(draft_id: int, edition: int, kind: str, number: int, *, actor: str, scope: Scope) -> Sheet:
    """Take a constraint away, as `queries.constraints` numbers it; NotFound where there is none."""
    if kind in ("only", "pin"):
        off: dict[str, Any] = {"only": {}} if kind == "only" else {"is_pinned": False}
        return bind_territory(draft_id, edition, number, actor=actor, scope=scope, **off)
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True) as held:
        if kind == "locked":
            units = np.flatnonzero(held.found.locked)
            held.put_locked(np.zeros(len(held.found.locked), bool))
            held.note(
                EditKind.LOCK,
                count=len(units),
                units=pack_one(units.astype(np.int32)),
                before=pack_one(np.ones(len(units), bool)),
                after=pack_one(np.zeros(len(units), bool)),
            )
        else:
            before = list(held.row.settings.get("pairs", []))
            if not 0 <= number < len(before):
                raise NotFound(_("There is no such constraint."))
            kept = [one for at, one in enumerate(before) if at != number]
            _put_pairs(held, before, kept, len(before[number]["units"]))
    return held.sheet()


def _put_pairs(held: Changing, before: list[Any], after: list[Any], count: int) -> None:
    held.row.settings = {**held.row.settings, "pairs": after}
    held.note(EditKind.PAIRS, count=count, rows=[before, after])


def _sound(only: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    known = {item.name for item in text_fields()}
    for name in only:
        if name not in known:
            raise Invalid(_("Accounts cannot be chosen by “%(name)s”."), name=name)
    return {name: sorted(set(values)) for name, values in only.items() if values}


def _pinned(held: Changing, row: TerritoryRow, units: Sequence[int]) -> TerritoryRow:
    points = held.found.accounts.points[numbers_of(held, units)]
    points = points[np.isfinite(points[:, 0])]
    if not len(points):
        raise Invalid(_("None of these accounts has a place."))
    x, y = points.mean(axis=0).tolist()
    return replace(row, pin_x=x, pin_y=y)
