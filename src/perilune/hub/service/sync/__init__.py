"""Syncs: connections to other systems, what they bring, the proof that nothing was lost."""

from perilune.hub.service.sync.connections import (
    connection_add,
    connection_arrive,
    connection_choose,
    connection_door,
    connection_forget,
    connection_look,
    connection_sign_in,
)
from perilune.hub.service.sync.verbs import (
    SYNC,
    sync_cancel,
    sync_queue,
    sync_schedule,
    sync_start,
    sync_step,
)

__all__ = [
    "SYNC",
    "connection_add",
    "connection_arrive",
    "connection_choose",
    "connection_door",
    "connection_forget",
    "connection_look",
    "connection_sign_in",
    "sync_cancel",
    "sync_queue",
    "sync_schedule",
    "sync_start",
    "sync_step",
]
