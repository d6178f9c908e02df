"""Conditions on accounts: what they may ask, which accounts meet them, how a draft keeps them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from perilune.history.queries import all_fields
from perilune.kernel.errors import Invalid
from perilune.kernel.kinds import Field, FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.contracts import MOST_VALUES, Criterion, Operator
from perilune.territories.engine import meeting
from perilune.territories.queries.constraints import text_fields

COMPARING = (Operator.AT_LEAST, Operator.BELOW)
NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL)
_PLACE = ("latitude", "longitude")
_UNTOLD = ("name", "currency")

Mask = np.ndarray[Any, np.dtype[np.bool_]]


def rule_fields() -> list[Field]:
    """Return the fields of accounts that a condition may ask for: texts, choices, plain numbers."""
    numbers = [
        one for one in all_fields("account")
        if one.type in NUMBERS and one.name not in _PLACE and not one.is_personal
    ]  # fmt: skip
    return [*(one for one in text_fields() if one.name not in _UNTOLD), *numbers]


def sound(criteria: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Return conditions without blanks; Invalid for one that asks for nothing, or of no field."""
    known = {one.name for one in rule_fields()}
    made = []
    for one in criteria:
        if one.field not in known:
            raise Invalid(_("Accounts cannot be chosen by “%(name)s”."), name=one.field)
        values = tuple(dict.fromkeys(text.strip() for text in one.values if text.strip()))
        if one.operator is Operator.MISSING:
            values = ()
        elif not values:
            raise Invalid(_("Say which values of “%(field)s” the rule asks for."), field=one.field)
        if len(values) > MOST_VALUES:
            raise Invalid(_("A rule takes at most %(most)s values."), most=MOST_VALUES)
        if one.operator in COMPARING and not (len(values) == 1 and _is_number(values[0])):
            raise Invalid(_("“%(field)s” is compared with one number."), field=one.field)
        made.append(Criterion(one.field, one.operator, values))
    return tuple(made)


def criteria_of(settings: Mapping[str, Any]) -> tuple[Criterion, ...]:
    """Return the conditions that the accounts of a draft meet, from its settings."""
    return tuple(
        Criterion(one["field"], Operator(one["operator"]), tuple(one["values"]))
        for one in settings.get("criteria") or ()
    )


def plain(criteria: Sequence[Criterion]) -> list[dict[str, Any]]:
    """Return conditions as a draft keeps them."""
    return [asdict(one) | {"values": list(one.values)} for one in criteria]


def asked_fields(criteria: Sequence[Criterion]) -> list[str]:
    """Return the fields that conditions ask for and that accounts (still) have."""
    known = {one.name for one in rule_fields()}
    return sorted({one.field for one in criteria} & known)


def met(criteria: Sequence[Criterion], columns: Mapping[str, Sequence[Any]], size: int) -> Mask:
    """Return (size,) which accounts meet all conditions, by columns of their fields.

    Of a field that is not declared any more nothing is known.
    """
    told = {
        one.field: ["" if value is None else str(value) for value in columns[one.field]]
        if one.field in columns else [""] * size
        for one in criteria
    }  # fmt: skip
    return meeting(criteria, told, size)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text.replace(",", ".")))
    except ValueError:
        return False
