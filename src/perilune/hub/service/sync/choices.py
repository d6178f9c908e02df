"""An object of a connection as the import's mapping form shows a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts import Shape
from perilune.hub.engine.mapping import hint
from perilune.hub.service.choosing import ColumnChoice, TableChoice, missing_in
from perilune.hub.service.sync.connections import connection_of, mapping_of
from perilune.hub.service.sync.mapping import SYSTEM
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _


def _shown(shape: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a shape that somebody may map."""
    return {name: told for name, told in shape.items() if told[0] != SYSTEM}


def object_choice(name: str, object_name: str) -> TableChoice:
    """Return an object with its fields and what each is read as; NotFound before the first look."""
    found = connection_of(name)
    kept = found.objects_read.get(object_name)
    if kept is None or not kept.get("mapping"):
        raise NotFound(_("There is no object %(name)s."), name=object_name)
    mapping = mapping_of(found, object_name)
    first = mapping.records[0]
    read = {one.column: one.field for record in reversed(mapping.records)
            for one in record.fields if one.column}  # fmt: skip
    for key in first.key:
        read[key] = "_key"
    used = set(read.values())
    columns = tuple(
        ColumnChoice(
            column, (str(label), str(type_)), read.get(column, ""), 1.0,
            hint(first.kind, str(label), used) if own and column not in read else "",
        )
        for column, (type_, label, own) in sorted(
            _shown(kept["shape"]).items(), key=lambda item: (item[0] not in read, item[0].lower())
        )
    )  # fmt: skip
    is_editable = mapping.shape is Shape.RECORDS and len(mapping.records) == 1
    fields = tuple((item.name, item.label) for item in history.all_fields(first.kind))
    return TableChoice(
        0, mapping, columns, is_editable, (first.kind,), fields, *missing_in(mapping)
    )
