"""Which fields of a connection may be written, and the service that takes them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from secrets import token_hex

from django.db import transaction

from perilune.hub.contracts import from_json
from perilune.hub.contracts.targets import Ender, Maker, Target, TargetField
from perilune.hub.contracts.writing import CHOSEN, KINDS
from perilune.hub.models import Connection, WriteRule
from perilune.hub.service.sync.connections import connection_of, source_of
from perilune.hub.service.sync.providers import provider_of
from perilune.kernel.errors import Conflict, Invalid, NotFound, Refused
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


def mark_fields(name: str, object_name: str) -> list[TargetField]:
    """Return the fields there that can keep our id of what was made here; none: none is made."""
    target = target_of(connection_of(name))
    return list(target.marks(object_name)) if isinstance(target, Maker) else []


def write_may(name: str, object_name: str, *, match: str = "", ends: bool = False) -> None:
    """Say whether records made here are made there, and whether those ended here are deleted there.

    match: the field there that keeps our id, "" to make none. Invalid where it cannot keep one;
    Conflict where records of the kind are made in another connection already.
    """
    found = connection_of(name)
    kind = _kind_of(found, object_name)
    if match and match not in {one.name for one in mark_fields(name, object_name)}:
        raise Invalid(_("%(object)s: our id cannot be kept in %(field)s."), object=object_name,
                      field=match)  # fmt: skip
    with transaction.atomic():
        if match:
            others = WriteRule.objects.select_for_update().exclude(match="").exclude(
                connection=found, object=object_name
            )  # fmt: skip
            for other in others.select_related("connection"):
                if _kind_of(other.connection, other.object) == kind:
                    raise Conflict(_("Records of this kind are made in %(name)s already."),
                                   name=other.connection.name)  # fmt: skip
        rule, _made = WriteRule.objects.get_or_create(connection=found, object=object_name)
        rule.match, rule.ends = match, ends
        rule.sign = rule.sign or f"perilune-{token_hex(4)}-"
        rule.save(update_fields=["match", "ends", "sign"])


def _kind_of(found: Connection, object_name: str) -> str:
    kept = found.objects_read.get(object_name) or {}
    if not kept.get("mapping"):
        raise NotFound(_("There is no object %(name)s."), name=object_name)
    kind = from_json(kept["mapping"]).records[0].kind
    if kind not in KINDS:
        raise Invalid(_("Records of this kind are not written."))
    return kind


def require_restorable(found: Connection) -> None:
    """Refuse where what was deleted there can be brought back by hand alone."""
    target = target_of(found)
    if isinstance(target, Ender) and target.restores:
        return
    days, where = target.by_hand if isinstance(target, Ender) else (0, "")
    raise Refused(
        _("What was deleted there can be brought back by hand alone: in «%(where)s», within"
          " %(days)s days."), where=where, days=days,
    )  # fmt: skip
