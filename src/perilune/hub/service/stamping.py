"""When records are known: what a source stamps on its rows, when another record first names one."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from perilune.hub.contracts import FileMap
from perilune.hub.engine import proof
from perilune.hub.engine.sources import Chunk, Table
from perilune.hub.service.settings import Settings

_NEVER = 2**62


def stamps_of(
    settings: Settings, table: Table, mapping: FileMap, chunk: Chunk, keep: Sequence[int] | None
) -> proof.Stamps | None:
    """Return when the source says that rows were created and changed, none where it does not.

    A source whose clock runs ahead does not write what is known into the future.
    """
    names = [str(mapping.options.get(name) or "") for name in ("created", "stamp")]
    if not all(names):
        return None
    latest = settings.clock.as_of_us
    read = settings.instant_us
    born, changed = (
        [min(read(row[i]) or latest, latest) for row in chunk.rows]
        for i in map(table.header.index, names)
    )
    if keep is not None:
        born, changed = [born[i] for i in keep], [changed[i] for i in keep]
    return proof.Stamps(born, changed)


def note_seen(named: Sequence[tuple[dict[int, int], Sequence[Any]]], times: Sequence[int]) -> None:
    """Keep the earliest time of each id, for columns of ids whose rows share their times."""
    if not times:
        return
    # from late to early, so that what a dict keeps of an id is its earliest time
    if times.count(times[0]) < len(times):
        order = itemgetter(*sorted(range(len(times)), key=times.__getitem__, reverse=True))
        named, times = [(seen, order(ids)) for seen, ids in named], order(times)
    for seen, ids in named:
        for record_id, us in dict(zip(ids, times, strict=True)).items():
            if record_id is not None and us < seen.get(record_id, _NEVER):
                seen[record_id] = us
