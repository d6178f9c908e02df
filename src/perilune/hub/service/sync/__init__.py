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
    source_add,
    source_test,
)
from perilune.hub.service.sync.objects import (
    OFFERED,
    object_drop,
    object_given,
    object_probe,
    object_set,
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
from perilune.hub.service.sync.outbox_rules import external_fields, writable, write_allow
from perilune.hub.service.sync.providers import PROVIDERS, Provider, provider_of
from perilune.hub.service.sync.rest import LOGINS
from perilune.hub.service.sync.verbs import (
    SYNC,
    sync_cancel,
    sync_queue,
    sync_schedule,
    sync_start,
    sync_step,
)

__all__ = [
    "LOGINS",
    "OFFERED",
    "PROVIDERS",
    "SYNC",
    "WRITE",
    "Provider",
    "connection_add",
    "connection_arrive",
    "connection_choose",
    "connection_door",
    "connection_forget",
    "connection_look",
    "connection_sign_in",
    "external_fields",
    "object_choice",
    "object_drop",
    "object_given",
    "object_probe",
    "object_set",
    "provider_of",
    "slug_of",
    "source_add",
    "source_test",
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
    "write_prepare",
    "write_queue",
    "write_step",
    "write_stop",
    "write_undo",
]
