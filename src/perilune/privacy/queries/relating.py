"""Which records speak of a person without being theirs: what refers to them, and their deals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from perilune.history import queries as history
from perilune.kernel.kinds import FieldType
from perilune.kernel.wiring import KINDS

_SPEAKING = ("contact", "lead")
"""What refers to a rep is their work, not what was written about them."""


def related(records: Mapping[str, frozenset[int]]) -> dict[str, set[int]]:
    """Return kind to ids of the records that refer to a contact or lead, their deals among them."""
    found: dict[str, set[int]] = {}
    for declared in KINDS:
        rows = history.model_of(declared)._default_manager
        for item in declared.fields:
            if item.type is not FieldType.REFERENCE or item.target not in _SPEAKING:
                continue
            ids = records.get(item.target, frozenset())
            if ids:
                near = rows.filter(**{f"{item.name}__in": ids}).values_list("id", flat=True)
                found.setdefault(declared.name, set()).update(near)
    if found.get("opportunity_contact"):
        roles: Any = history.model_of(KINDS.get("opportunity_contact"))._default_manager
        deals = roles.filter(id__in=found["opportunity_contact"])
        found.setdefault("opportunity", set()).update(
            deal for deal in deals.values_list("opportunity_id", flat=True) if deal
        )
    if found.get("opportunity"):
        acts: Any = history.model_of(KINDS.get("activity"))._default_manager
        of_deals = acts.filter(opportunity_id__in=found["opportunity"])
        found.setdefault("activity", set()).update(of_deals.values_list("id", flat=True))
    return found
