"""A draft in figures: per territory, per rep, in all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, reps_as_of
from perilune.territories.contracts import Loaded, Sheet, SheetRow, TerritoryRow
from perilune.territories.contracts.units import FloatArray
from perilune.territories.queries.loading import (
    is_whole,
    loaded,
    require_seen,
    seen_accounts,
    seen_rows,
)
from perilune.territories.queries.potentials import Room, potential_field, potentials
from perilune.territories.queries.years import quotas

N = TypeVar("N", int, float)


def sheet(draft_id: int, scope: Scope, actor: str) -> Sheet:
    """Return a draft in figures, cut to what a person sees; a viewer reads its total alone.

    NotFound where nothing of it is theirs; Refused where a total would tell of too few people.
    """
    found = loaded(draft_id)
    if scope.aggregates_only:
        _require_several(found, scope)
    else:
        require_seen(found, scope, actor)
    return sheet_of(found, scope, actor)


def _require_several(found: Loaded, scope: Scope) -> None:
    """Refuse a total of so few people that it would tell of one of them."""
    if len({row.rep_id for row in found.rows if row.rep_id}) < scope.smallest_group:
        message = _("A total of fewer than %(count)s people is not shown.")
        raise Refused(message, count=scope.smallest_group)


def sheet_of(found: Loaded, scope: Scope, actor: str) -> Sheet:
    """Return the sheet of a draft that is loaded; deviations are from the whole draft's targets."""
    accounts, territory = found.accounts, found.territory
    k = len(found.rows)
    whole = scope.aggregates_only or is_whole(found, scope, actor)
    mine = np.ones(len(territory), bool) if whole else seen_accounts(found, scope, actor)
    place = np.where(territory >= 0, territory, k)
    count = np.bincount(place, minlength=k + 1)
    loads = loads_by(found, place, k)
    pipeline = np.bincount(place, accounts.pipeline, k + 1)
    bookings = np.bincount(place, accounts.bookings, k + 1)
    moved = found.moved
    comes = np.bincount(place[moved], minlength=k + 1)
    held = np.where(found.present >= 0, found.present, k)
    goes = np.bincount(held[moved], minlength=k + 1)
    targets = loads[:k].sum(axis=0) / max(k, 1)
    worth_of = potentials(found)
    told = quotas(found.head, scope, actor)
    by_rep, names = told.by_rep, _names(found)
    seen = seen_rows(found, scope, actor)
    rows = []
    for row in found.rows:
        if row.number not in seen:
            continue
        at = row.number
        off = [_off(loads[at, t], targets[t]) for t in range(loads.shape[1])]
        quota = by_rep.get(row.rep_id or 0)
        could = worth_of.of(territory == at) if worth_of else Room()
        rows.append(
            SheetRow(
                number=at,
                name=row.name,
                rep_id=row.rep_id,
                rep=names.get(row.rep_id or 0, ""),
                accounts=int(count[at]),
                values=tuple(float(v) for v in loads[at]),
                deviation=tuple(off),
                pipeline=int(pipeline[at]),
                bookings=int(bookings[at]),
                quota=quota,
                road=row.road,
                moved_in=int(comes[at]),
                moved_out=int(goes[at]),
                is_locked=row.is_locked,
                colour=row.colour,
                is_within=all(
                    abs(o or 0.0) <= a.tolerance + 1e-9
                    for o, a in zip(off, found.attributes, strict=True)
                ),
                potential=could.value,
                unknown=could.unknown,
                room=could.room,
                region=row.region,
                minutes=row.minutes,
            )
        )
    cost = accounts.cost
    return Sheet(
        edition=found.head.edition,
        currency=found.currency,
        attributes=tuple(one.key for one in found.attributes),
        territories=tuple(rows),
        reps=_by_rep(rows),
        regions=_by_region(rows, targets),
        total=replace(
            _total(found, mine, moved, by_rep, rows if not whole else None),
            **_could(worth_of.of(mine) if worth_of else Room()),
            minutes=_mean_way(rows),
        ),
        unassigned=int((territory[mine] < 0).sum()),
        moved=int((moved & mine).sum()),
        moved_cost=float(cost[moved & mine].sum() / max(cost[mine].sum(), 1e-300)),
        worst=tuple(
            max((abs(_off(loads[at, t], targets[t]) or 0.0) for at in range(k)), default=0.0)
            for t in range(loads.shape[1])
        ),
        is_partial=not whole,
        potential=potential_field(found),
        quota_of=told.source,
    )


def loads_by(found: Loaded, place: np.ndarray[tuple[int, ...], np.dtype[np.int32]], k: int
             ) -> FloatArray:  # fmt: skip
    """Return (k + 1, m) what each territory holds; the last row is in none."""
    loads = found.accounts.loads
    sums = [np.bincount(place, loads[:, t], k + 1) for t in range(loads.shape[1])]
    return np.column_stack(sums).astype(float)


def _off(value: float, target: float) -> float | None:
    return float(value / target - 1) if target > 0 else None


def _names(found: Loaded) -> dict[int, str]:
    wanted = {row.rep_id for row in found.rows if row.rep_id}
    states = reps_as_of(company().today)
    return {rep: states[rep]["name"] or "" for rep in wanted if rep in states}


def _by_rep(rows: Sequence[SheetRow]) -> tuple[SheetRow, ...]:
    """Return one row a rep, of all their territories together; a rep's quota counts once."""
    held: dict[int, list[SheetRow]] = defaultdict(list)
    for row in rows:
        if row.rep_id is not None:
            held[row.rep_id].append(row)
    found = [_summed(theirs, theirs[0].rep, rep) for rep, theirs in held.items()]
    return tuple(sorted(found, key=lambda row: (row.rep.casefold(), row.rep_id or 0)))


def _by_region(rows: Sequence[SheetRow], targets: FloatArray) -> tuple[SheetRow, ...]:
    """Return one row a region, of the territories seen; none where no territory is in one.

    Those in no region come last, together. A rep's quota counts once in each.
    """
    held: dict[str, list[SheetRow]] = defaultdict(list)
    for row in rows:
        held[row.region].append(row)
    if not set(held) - {""}:
        return ()
    found = []
    for name, theirs in held.items():
        quotas = {row.rep_id: row.quota for row in theirs if row.rep_id}
        made = _summed(theirs, "", None)
        off = [_off(v, t * len(theirs)) for v, t in zip(made.values, targets, strict=True)]
        found.append(
            replace(made, name=name, region=name, deviation=tuple(off),
                    quota=_known(list(quotas.values())))
        )  # fmt: skip
    return tuple(sorted(found, key=lambda row: (not row.region, row.region.casefold())))


def _summed(rows: Sequence[SheetRow], name: str, rep_id: int | None) -> SheetRow:
    quota = rows[0].quota
    return SheetRow(
        number=None,
        name=", ".join(row.name for row in rows),
        rep_id=rep_id,
        rep=name,
        accounts=sum(row.accounts for row in rows),
        values=tuple(map(sum, zip(*(row.values for row in rows), strict=True))),
        deviation=(None,) * len(rows[0].values),
        pipeline=sum(row.pipeline for row in rows),
        bookings=sum(row.bookings for row in rows),
        quota=quota,
        road=sum(row.road for row in rows),
        moved_in=sum(row.moved_in for row in rows),
        moved_out=sum(row.moved_out for row in rows),
        is_within=all(row.is_within for row in rows),
        potential=_known([row.potential for row in rows]),
        unknown=sum(row.unknown for row in rows),
        room=_known([row.room for row in rows]),
        minutes=_mean_way(rows),
    )


def _known(values: Sequence[N | None]) -> N | None:
    """Return the sum of what is known; None where nothing is."""
    found = [value for value in values if value is not None]
    return sum(found[1:], found[0]) if found else None


def _mean_way(rows: Sequence[SheetRow]) -> float | None:
    """Return the mean way over territories by what is balanced first; None where one is unknown."""
    weights = [row.values[0] for row in rows]
    ways = [row.minutes for row in rows if row.minutes is not None]
    if len(ways) < len(rows) or sum(weights) <= 0:
        return None
    return float(np.average(ways, weights=weights))


def _could(could: Room) -> dict[str, Any]:
    return {"potential": could.value, "unknown": could.unknown, "room": could.room}


def _total(
    found: Loaded,
    mine: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    moved: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    quotas: Mapping[int, int],
    rows: Sequence[SheetRow] | None,
) -> SheetRow:
    """Return the total of the accounts seen; rows: the territories seen where these are not all."""
    accounts = found.accounts
    shown: Sequence[TerritoryRow | SheetRow] = found.rows if rows is None else rows
    reps = {row.rep_id for row in shown if row.rep_id}
    quota = sum(quotas[rep] for rep in reps if rep in quotas) if reps & quotas.keys() else None
    pipeline, bookings = int(accounts.pipeline[mine].sum()), int(accounts.bookings[mine].sum())
    changes = int((moved & mine).sum())
    return SheetRow(
        number=None,
        name="",
        rep_id=None,
        rep="",
        accounts=int(mine.sum()),
        values=tuple(float(v) for v in accounts.loads[mine].sum(axis=0)),
        deviation=(None,) * accounts.loads.shape[1],
        pipeline=pipeline,
        bookings=bookings,
        quota=quota,
        road=sum(row.road for row in shown),
        moved_in=changes,
        moved_out=changes,
    )
