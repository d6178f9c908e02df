"""A connection is read or written, one at a time: what is read in mid-write would be half known."""

from __future__ import annotations

from perilune.hub.contracts.sync import SyncState
from perilune.hub.contracts.writing import BatchState
from perilune.hub.models import Connection, SyncRun, WriteBatch
from perilune.hub.queries.connections import is_alive
from perilune.kernel.errors import Conflict
from perilune.kernel.messages import gettext_noop as _


def require_not_written(found: Connection) -> None:
    """Refuse while values are being written to a connection. Call it inside a transaction."""
    Connection.objects.select_for_update().get(id=found.id)
    for row in WriteBatch.objects.filter(connection=found, state=BatchState.WRITING.value):
        if is_alive(row):
            raise Conflict(
                _("Values are being written to %(name)s. Sync when that is over."), name=found.name
            )


def require_not_read(found: Connection) -> None:
    """Refuse while a connection is synced. Call it inside a transaction."""
    Connection.objects.select_for_update().get(id=found.id)
    for row in SyncRun.objects.filter(connection=found, state=SyncState.RUNNING.value):
        if is_alive(row):
            raise Conflict(
                _("A sync of %(name)s is under way. Write when it is over."), name=found.name
            )
