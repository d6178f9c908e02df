"""The fields of a kind, the company's own among them, and its record table."""

from __future__ import annotations

from django.apps import apps

from perilune.history.models import CustomField, Record
from perilune.kernel.kinds import CUSTOM_PREFIX, Field, FieldType, Kind
from perilune.kernel.memo import remember
from perilune.kernel.wiring import KINDS


def custom_fields(kind: str) -> tuple[Field, ...]:
    """Return the company's own fields of a kind, named `x_key`, in their order."""
    return remember("custom fields", _custom_fields).get(kind, ())


def _custom_fields() -> dict[str, tuple[Field, ...]]:
    """Return those of all kinds: they are few, and a page asks about most kinds."""
    found: dict[str, tuple[Field, ...]] = {}
    for row in CustomField.objects.order_by("position", "id"):
        own = Field(
            CUSTOM_PREFIX + row.key,
            FieldType(row.type),
            row.label,
            choices=tuple((value, label) for value, label in row.choices),
        )
        found[row.kind] = (*found.get(row.kind, ()), own)
    return found


def all_fields(kind: str) -> tuple[Field, ...]:
    """Return the declared fields of a kind and then the company's own."""
    return KINDS.get(kind).fields + custom_fields(kind)


def model_of(kind: Kind) -> type[Record]:
    """Return the record table of a kind."""
    model = apps.get_app_config(kind.model.split(".")[0]).get_model(kind.model.split(".")[1])
    if not issubclass(model, Record):
        raise TypeError(f"{kind.model} is not a record table")
    return model
