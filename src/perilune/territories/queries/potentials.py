"""What accounts could be worth: a field that the plan names, and the room that bookings leave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from perilune.kernel.keeping import Kept
from perilune.territories.contracts import Attribute, Loaded
from perilune.territories.contracts.units import BoolArray, FloatArray
from perilune.territories.queries.snapshots import attribute_choices, values_of

_values: Kept[FloatArray] = Kept(12)


@dataclass(frozen=True)
class Room:
    """Potential of some accounts. value: of those of which it is known, None where of none is.

    unknown: accounts of which it is not. room: value less the bookings of the last twelve months of
    the same accounts, None where the field is no money. Money: minor units.
    """

    value: float | None = None
    unknown: int = 0
    room: int | None = None


@dataclass(frozen=True)
class Potentials:
    """Potential of every account (n,), NaN where it is not known, beside its bookings."""

    values: FloatArray
    bookings: FloatArray
    is_money: bool

    def of(self, chosen: BoolArray) -> Room:
        """Return the potential of the accounts that are chosen (n,)."""
        known = chosen & np.isfinite(self.values)
        unknown = int(chosen.sum() - known.sum())
        if not known.any():
            return Room(None, unknown)
        value = float(self.values[known].sum())
        room = round(value - float(self.bookings[known].sum())) if self.is_money else None
        return Room(value, unknown, room)


def potential_choices() -> list[Attribute]:
    """Return the numeric fields of accounts that may stand for potential."""
    return [one for one in attribute_choices() if one.key.startswith("field:")]


def potential_field(found: Loaded) -> Attribute | None:
    """Return the field that a draft names; None where it names none, or none that is there."""
    key = found.head.settings.get("potential", "")
    return next((one for one in potential_choices() if one.key == key), None) if key else None


def potentials(found: Loaded) -> Potentials | None:
    """Return the potential of a draft's accounts as of its instant; None where it names no field.

    An amount without a rate is not known.
    """
    field = potential_field(found)
    if field is None:
        return None

    def read() -> FloatArray:
        by_id = values_of(field, found.head.as_of)
        values = [by_id.get(id_) for id_ in found.accounts.ids.tolist()]
        return np.array([np.nan if one is None else one for one in values], float)

    values = _values.get((found.snapshot_id, found.snapshot_digest, field.key), read)
    return Potentials(values, found.accounts.bookings.astype(float), bool(field.unit))
