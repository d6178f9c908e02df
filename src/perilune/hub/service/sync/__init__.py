"""Syncs: connections to other systems, what they bring and are told, the proof of both sides."""

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
from perilune.hub.service.sync.outbox import (
    WRITE,
    write_decide,
    write_discard,
    write_go,
    write_leave,
    write_prepare,
    write_queue,
    write_step,
    write_stop,
    write_undo,
)
from perilune.hub.service.sync.outbox_rules import (
    external_fields,
    mark_fields,
    writable,
    write_allow,
    write_may,
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
    "WRITE",
    "connection_add",
    "connection_arrive",
    "connection_choose",
    "connection_door",
    "connection_forget",
    "connection_look",
    "connection_sign_in",
    "external_fields",
    "mark_fields",
    "object_choice",
    "provider_of",
    "slug_of",
    "sync_cancel",
    "sync_queue",
    "sync_schedule",
    "sync_start",
    "sync_step",
    "writable",
    "write_allow",
    "write_decide",
    "write_discard",
    "write_go",
    "write_leave",
    "write_may",
    "write_prepare",
    "write_queue",
    "write_step",
    "write_stop",
    "write_undo",
]
