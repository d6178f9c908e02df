"""The verb that gives accounts the coordinates of their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from perilune.crm.contracts import Done
from perilune.crm.contracts.places import Geocoding, Place
from perilune.history.contracts import Batch, Update, to_us
from perilune.history.queries import states_as_of
from perilune.history.service import LOCAL, bulk_append, bulk_complete, bulk_open, bulk_undo
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import writing_time

RECORDS_A_BATCH = 2000


def accounts_place(found: Geocoding, *, actor: str) -> Done:
    """Write the places that were found, as one change set that can be undone.

    An account that has a coordinate by now is left alone. Done has no set where nothing was left.
    """
    places = {account.id: place for account, place in found.placed}
    now = states_as_of("account", list(places))
    wanted = {
        record_id: places[record_id]
        for record_id, state in now.items()
        if state["latitude"] is None and state["longitude"] is None
    }
    if not wanted:
        return Done(None, ())
    known_at = writing_time() or datetime.now(UTC)
    change_set_id = bulk_open(
        source=LOCAL,
        actor=actor,
        purpose="edit",
        title=_("Coordinates from addresses"),
        known_at=known_at,
    )
    try:
        _append(change_set_id, wanted, to_us(known_at))
        bulk_complete(change_set_id)
    except BaseException:
        bulk_undo(change_set_id)
        raise
    return Done(change_set_id, tuple(wanted))


def _append(change_set_id: int, wanted: Mapping[int, Place], known_us: int) -> None:
    listed = list(wanted.items())
    for start in range(0, len(listed), RECORDS_A_BATCH):
        some = listed[start : start + RECORDS_A_BATCH]
        updates = [
            Update(record_id, known_us, name, None, value)
            for record_id, place in some
            for name, value in (("latitude", place.latitude), ("longitude", place.longitude))
        ]
        bulk_append(change_set_id, Batch("account", updates=updates))
