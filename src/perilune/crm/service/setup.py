"""Verbs on what a company sets up: pipelines, stages, custom fields, saved lists."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from perilune.crm.contracts import Done
from perilune.crm.models import Opportunity, SavedView
from perilune.crm.queries import columns_of, kind_named
from perilune.crm.service.records import opened, standing
from perilune.history.queries import states_as_of
from perilune.history.service import custom_field_add
from perilune.kernel.errors import Conflict, Invalid, NotFound
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _


def stage_shift(stage_id: int, step: int, *, actor: str) -> Done:
    """Move a stage up (-1) or down (+1) in its pipeline; positions become 1, 2, 3 and so on."""
    stage = standing("stage", stage_id)
    siblings = [
        state
        for state in states_as_of("stage", None).values()
        if state["pipeline_id"] == stage["pipeline_id"]
    ]
    siblings.sort(key=lambda s: (s["position"] is None, s["position"] or 0, s["id"]))
    order = [state["id"] for state in siblings]
    at = order.index(stage_id)
    to = min(max(at + step, 0), len(order) - 1)
    order.insert(to, order.pop(at))
    with opened(actor, _("Order of stages")) as writer:
        for position, record_id in enumerate(order, start=1):
            writer.change("stage", record_id, {"position": position})
    return Done(writer.id, (stage_id,))


def stage_remove(stage_id: int, *, actor: str) -> Done:
    """End a stage; Conflict while deals stand in it."""
    standing("stage", stage_id)
    count = Opportunity.objects.filter(stage_id=stage_id).count()
    if count:
        raise Conflict(_("%(count)s deals stand in this stage: move them first."), count=count)
    with opened(actor, _("Deleted")) as writer:
        writer.delete("stage", stage_id)
    return Done(writer.id, (stage_id,))


def field_add(
    kind: str, label: str, type_name: str, choices: Sequence[str] = (), key: str = ""
) -> Field:
    """Add a field of the company's own to a kind; its key is made from the label if none is given.

    Invalid on an empty label, an unknown type, a choice without choices. No references.
    """
    kind_named(kind)
    label = label.strip()
    if not label:
        raise Invalid(_("A field needs a name."))
    if type_name not in CUSTOM_TYPES:
        raise Invalid(_("«%(type)s» is not a type of field."), type=type_name)
    type_ = FieldType(type_name)
    listed = [item.strip() for item in choices if item.strip()]
    if type_ is FieldType.CHOICE and not listed:
        raise Invalid(_("A choice needs at least one value, one a line."))
    if any(column.field.label.lower() == label.lower() for column in columns_of(kind).values()):
        raise Invalid(_("There is a field named «%(label)s» already."), label=label)
    pairs = tuple((_key(item), item) for item in dict.fromkeys(listed))
    return custom_field_add(kind, key or _key(label), label, type_, pairs)


CUSTOM_TYPES = tuple(
    t.value
    for t in (
        FieldType.TEXT,
        FieldType.LONG_TEXT,
        FieldType.CHOICE,
        FieldType.INTEGER,
        FieldType.DECIMAL,
        FieldType.MONEY,
        FieldType.DATE,
        FieldType.BOOLEAN,
    )
)
"""The types that a custom field may have."""


def _key(label: str) -> str:
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    key = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:40]
    return key if key and key[0].isalpha() else f"f_{key}"[:40]


def view_save(kind: str, name: str, query: str, *, owner: str, is_shared: bool = False) -> int:
    """Keep a list under a name; a list of the same name and owner is replaced. Return its id."""
    kind_named(kind)
    name = name.strip()[:80]
    if not name:
        raise Invalid(_("A view needs a name."))
    values: dict[str, Any] = {"query": query[:4000], "is_shared": is_shared}
    row, _is_new = SavedView.objects.update_or_create(
        kind=kind, name=name, owner=owner, defaults=values
    )
    return int(row.pk)


def view_delete(view_id: int, *, owner: str) -> None:
    """Forget one of one's own lists; NotFound for others'."""
    deleted, _kinds = SavedView.objects.filter(pk=view_id, owner=owner).delete()
    if not deleted:
        raise NotFound(_("There is no view of yours to forget here."))
