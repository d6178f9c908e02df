"""The proof of a sync: both sides listed month by month, what differs named."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from perilune.history import queries as history
from perilune.history.contracts import to_us
from perilune.hub.contracts.sync import Ask, Difference, Held, SourceObject
from perilune.hub.engine.sync import listings
from perilune.hub.engine.sync.windows import next_month, spans
from perilune.hub.models import Connection, Proof, SyncRun
from perilune.hub.service.sync.ledger import Ledger
from perilune.kernel.wiring import KINDS

SHOWN = 50
"""Keys that a month keeps by name; the count says how many there are."""

_FEW = 20_000


def asks(item: SourceObject, months: Sequence[str] | None) -> list[Ask]:
    """Return the questions that list an object's live rows: all of them, or of some months."""
    columns = (item.key, item.created, item.stamp)
    if months is None:
        return [Ask(item.name, columns)]
    return [
        Ask(item.name, columns, born=(_begin(first), _begin(next_month(last))))
        for first, last in spans(months)
    ]


def _begin(month: str) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=UTC)


def _bounds(months: Sequence[str] | None) -> list[tuple[int, int]] | None:
    if months is None:
        return None
    return [
        (to_us(_begin(first)), to_us(_begin(next_month(last)))) for first, last in spans(months)
    ]


def compare(  # noqa: PLR0917  # both sides, and what they are of
    ledger: Ledger, connection: Connection, run: SyncRun, item: SourceObject,
    months: Sequence[str] | None, begun_us: int,
) -> Difference:  # fmt: skip
    """Compare what the source listed with what stands here; keep each month, return what differs.

    What was changed at the source after this run began is left to the next run, on both sides.
    """
    there = {row.key: row for row in ledger.listed(item.name)}
    here = {row.key: row for row in ledger.live(item.name, _bounds(months))}
    ended, lost = _not_standing(connection.name, item.kind, list(here))
    ledger.lost(item.name, lost)
    # what was ended here stands so on purpose; where the source ended it too, both agree
    ledger.gone(item.name, [key for key in ended if key not in there])
    kept_out = {row.key for row in ledger.refused(item.name, _bounds(months))} | ended
    moving = {key for key, row in there.items() if row.stamp_us > begun_us}
    kept_out &= there.keys()
    left = moving | kept_out | ended | lost
    sides = (
        {k: row for k, row in there.items() if k not in moving | kept_out},
        {k: row for k, row in here.items() if k not in left},
    )
    refused: dict[str, int] = {}
    for key in kept_out - moving:
        month = listings.month_of(there[key].created_us)
        refused[month] = refused.get(month, 0) + 1
    found = listings.difference(
        {k: row.stamp_us for k, row in sides[0].items()},
        {k: row.stamp_us for k, row in sides[1].items()},
    )
    _keep(connection, run, item, months, sides, refused, found)
    return found


def _not_standing(source: str, kind: str, keys: Sequence[str]) -> tuple[set[str], set[str]]:
    """Return the keys whose record was ended here, and those of which nothing is known here."""
    if len(keys) <= _FEW:
        ids = {k: i for k, (i, _digest) in history.identities(source, kind, keys).items()}
    else:
        ids = history.identity_keys(source, kind)
    model = history.model_of(KINDS.get(kind))._default_manager
    wanted = [ids[key] for key in keys if key in ids]
    if len(wanted) <= _FEW:
        standing: set[int] = set()
        for start in range(0, len(wanted), 500):
            some = model.filter(id__in=wanted[start : start + 500])
            standing.update(some.values_list("id", flat=True))
    else:
        standing = set(model.values_list("id", flat=True).iterator(chunk_size=_FEW))
    ended = {key for key in keys if key in ids and ids[key] not in standing}
    return ended, {key for key in keys if key not in ids}


def _keep(  # noqa: PLR0917  # one call site
    connection: Connection, run: SyncRun, item: SourceObject, months: Sequence[str] | None,
    sides: tuple[Mapping[str, Held], Mapping[str, Held]], refused: Mapping[str, int],
    found: Difference,
) -> None:  # fmt: skip
    named: dict[str, list[list[str]]] = {}
    for why in ("missing", "stale", "extra"):
        for key in getattr(found, why):
            row = sides[0].get(key) or sides[1][key]
            mine = named.setdefault(listings.month_of(row.created_us), [])
            if len(mine) < SHOWN:
                mine.append([key, why])
    rows = listings.months(sides[0].values(), sides[1].values(), refused)
    old = Proof.objects.filter(connection=connection, object=item.name)
    (old if months is None else old.filter(month__in=months)).delete()
    Proof.objects.bulk_create(
        [
            Proof(
                connection=connection,
                run=run,
                object=item.name,
                month=one.month,
                there=one.there,
                here=one.here,
                sum_there=one.sum_there,
                sum_here=one.sum_here,
                refused=one.refused,
                rows=named.get(one.month, []),
            )
            for one in rows
        ],
        batch_size=500,
    )
