"""Which fields of a connection may be written, and the service that takes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from perilune.hub.contracts import from_json
from perilune.hub.contracts.targets import Target, TargetField
from perilune.hub.contracts.writing import CHOSEN, KINDS
from perilune.hub.models import Connection, WriteRule
from perilune.hub.service.sync.connections import connection_of, source_of
from perilune.hub.service.sync.providers import provider_of
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _


def target_of(found: Connection, *, sleep: Callable[[float], None] = time.sleep) -> Target:
    """Return the service that a connection writes to; Refused where it cannot be written to."""
    made = provider_of(found.provider).target
    if made is None:
        raise Refused(_("Nothing can be written to this kind of system yet."))
    return made(source_of(found, sleep=sleep))


def writable(name: str, object_name: str) -> list[tuple[str, str, TargetField]]:
    """Return (column, field here, field there) of what is mapped of an object and may be written.

    NotFound before the first look at the object's shape.
    """
    found = connection_of(name)
    kept = found.objects_read.get(object_name)
    if kept is None or not kept.get("mapping"):
        raise NotFound(_("There is no object %(name)s."), name=object_name)
    record = from_json(kept["mapping"]).records[0]
    if record.kind not in KINDS:
        return []
    takes = {one.name: one for one in target_of(found).takes(object_name)}
    return [
        (one.column, one.field, takes[one.column])
        for one in record.fields
        if one.column in takes and takes[one.column].is_writable
    ]


def external_fields(name: str, object_name: str) -> list[TargetField]:
    """Return the fields by whose value records of an object can be addressed."""
    takes = target_of(connection_of(name)).takes(object_name)
    return [one for one in takes if one.is_key]


def write_allow(
    name: str, object_name: str, policies: Mapping[str, str], external: str = ""
) -> None:
    """Say which fields of an object may be written and whose value counts in a conflict.

    policies: field of the service to a policy; one that is left out may not be written. Invalid for
    a field that cannot be, or a key that is none.
    """
    found = connection_of(name)
    may = {column for column, _field, _there in writable(name, object_name)}
    strange = sorted(set(policies) - may)
    if strange:
        raise Invalid(_("%(object)s: %(field)s cannot be written."), object=object_name,
                      field=strange[0])  # fmt: skip
    if not set(policies.values()) <= {policy.value for policy in CHOSEN}:
        raise Invalid(_("There is no such rule for conflicts."))
    if external and external not in {one.name for one in external_fields(name, object_name)}:
        raise Invalid(_("%(object)s: records are not addressed by %(field)s."), object=object_name,
                      field=external)  # fmt: skip
    WriteRule.objects.update_or_create(
        connection=found, object=object_name,
        defaults={"policies": dict(policies), "external": external},
    )  # fmt: skip
