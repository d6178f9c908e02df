"""Syncs: connections to other systems, what they bring, the proof that nothing was lost."""

from perilune.hub.service.sync.choices import object_choice
from perilune.hub.service.sync.connections import (
    connection_add,
    connection_arrive,
    connection_choose,
    connection_door,
    connection_forget,
    connection_look,
    connection_sign_in,
    slug_of,
)
from perilune.hub.service.sync.providers import PROVIDERS, provider_of
from perilune.hub.service.sync.verbs import (
    SYNC,
    sync_cancel,
    sync_queue,
    sync_schedule,
    sync_start,
    sync_step,
)

__all__ = [
    "PROVIDERS",
    "SYNC",
    "connection_add",
    "connection_arrive",
    "connection_choose",
    "connection_door",
    "connection_forget",
    "connection_look",
    "connection_sign_in",
    "object_choice",
    "provider_of",
    "slug_of",
    "sync_cancel",
    "sync_queue",
    "sync_schedule",
    "sync_start",
    "sync_step",
]
