"""The proof of a sync: both sides listed month by month, what differs named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import chain, islice

from perilune.history.contracts import to_us
from perilune.hub.contracts.sync import Ask, Difference, SourceObject
from perilune.hub.engine.sync.listings import Sides
from perilune.hub.engine.sync.windows import NEVER, next_month, spans
from perilune.hub.models import Connection, Proof, SyncRun
from perilune.hub.service.sync.ledger import Ledger
from perilune.hub.service.sync.standing import AT_ONCE, Here


def asks(item: SourceObject, months: Sequence[str] | None) -> list[Ask]:
    """Return the questions that list an object's live rows: all of them, or of some months."""
    columns = (item.key, item.created, item.stamp)
    if months is None:
        return [Ask(item.name, columns)]
    return [
        Ask(
            item.name, columns, born=(_begin(first), _begin(next_month(last))),
            born_by=item.created,
        )
        for first, last in spans(months)
    ]  # fmt: skip


def window(item: SourceObject, since: datetime, until: datetime | None) -> Ask:
    """Return the question that lists an object's live rows by their last change."""
    columns = (item.key, item.created, item.stamp)
    return Ask(item.name, columns, since, since_by=item.stamp, until=until)


def listing_of(item: SourceObject, part: int | None = None) -> str:
    """Return the name under which a listing lies: of whole months, or of a span of last change."""
    return item.name if part is None else f"{item.name} {part}"


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
    months: Sequence[str] | None, spans_us: Sequence[tuple[int, int]], begun_us: int,
    beside: Sequence[str] = (),
) -> tuple[Difference, list[str]]:  # fmt: skip
    """Compare what the source listed with what stands here, and keep each month.

    Returns what differs, and the months in which anything does.

    months: those that were listed whole, None for all. spans_us: spans of last change that were
    listed beside them. What was changed at the source after this run began is left to the next run,
    on both sides. beside: other objects that become records of the same kind: what the ledger knows
    of them is theirs.
    """
    is_whole = months is None
    here = Here(connection.name, item.kind, ledger.listed_count(item.name), is_whole=is_whole)
    sides = Sides()
    rows = chain(
        ((*row, True) for row in _rows(ledger, item, listing_of(item), _bounds(months), None)),
        *(
            ((*row, False) for row in _rows(ledger, item, listing_of(item, i), None, span))
            for i, span in enumerate(spans_us)
        ),
    )
    whole = set(months or ())
    for some in _chunks(rows):
        here.look(row[0] for row in some if row[3] is not None)
        here.look_at_shown(row[0] for row in some if row[2] is not None and not row[4])
        for key, born, there_us, here_us, is_gone, is_refused, is_summed in some:
            if not is_summed and sides.month_of(born) in whole:
                continue  # taken with its month
            is_out = bool(is_refused and not is_gone)
            _one(sides, here, (key, born, there_us, here_us), begun_us, is_gone=bool(is_gone),
                 is_refused=is_out, is_summed=is_summed)  # fmt: skip
    listings = [listing_of(item), *(listing_of(item, i) for i in range(len(spans_us)))]
    strays = here.strays(ledger, item.name, listings, _bounds(months), spans_us)
    theirs = ledger.known([key for key, _born, _stamp in strays], beside)
    for key, born, stamp in strays:
        if key in theirs:
            continue
        is_summed = is_whole or sides.month_of(born) in whole
        sides.take(key, born, None, stamp, is_summed=is_summed)
    ledger.lost(item.name, sorted(here.lost))
    # what was ended here stands so on purpose; where the source ended it too, both agree
    ledger.gone(item.name, here.agreed)
    _keep(connection, run, item, months, sides)
    return sides.found, sorted(sides.named)


_Row = tuple[str, int, int | None, int | None, int, int]


def _rows(
    ledger: Ledger, item: SourceObject, listing: str, bounds: list[tuple[int, int]] | None,
    span: tuple[int, int] | None,
) -> Iterator[_Row]:  # fmt: skip
    """Give the rows of one listing and those held beside it that it lacks."""
    yield from ledger.both(item.name, listing)
    rows = ledger.unlisted(item.name, listing, bounds, span or (0, NEVER))
    for (key, born, stamp), is_refused in rows:
        yield key, born, None, stamp, 0, is_refused


def _one(
    sides: Sides, here: Here, row: tuple[str, int, int | None, int | None], begun_us: int, *,
    is_gone: bool, is_refused: bool, is_summed: bool,
) -> None:  # fmt: skip
    key, born, there_us, here_us = row
    if is_refused and there_us is None:  # a row that was kept out may stand in an older state
        if here.state_of(key) == "":
            sides.take(key, born, None, here_us, is_summed=is_summed)
        return
    is_moving = there_us is not None and there_us > begun_us
    is_held = here_us is not None and not is_gone and not is_refused
    state = here.state_of(key) if is_held else ""
    if state == "ended" and there_us is None:
        here.agreed.append(key)
    elif state == "lost":
        here.lost.add(key)
    if is_moving or (there_us is None and state):
        return
    # what was kept out and has changed since is asked for again
    if (is_refused and there_us == here_us) or state == "ended":
        if is_summed:
            sides.refuse(born)
        return
    stands = here_us if is_held and not state else None
    sides.take(key, born, there_us, stands, is_summed=is_summed)


_Side = tuple[str, int, int | None, int | None, int, int, bool]


def _chunks(rows: Iterable[_Side]) -> Iterator[list[_Side]]:
    every = iter(rows)
    while some := list(islice(every, AT_ONCE)):
        yield some


def _keep(
    connection: Connection, run: SyncRun, item: SourceObject, months: Sequence[str] | None,
    sides: Sides,
) -> None:  # fmt: skip
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
                rows=[list(row) for row in sides.named.get(one.month, [])],
            )
            for one in sides.months()
        ],
        batch_size=500,
    )
