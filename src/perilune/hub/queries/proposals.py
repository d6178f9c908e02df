"""What could be written back: values that were edited here and differ from what a service said."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts import FieldMap, from_json
from perilune.hub.contracts.writing import Policy, Proposal
from perilune.hub.models import Connection, WriteRule
from perilune.kernel.wiring import KINDS

_AT_ONCE = 500


@dataclass(frozen=True)
class ObjectRules:
    """What may be written of an object: field of a record to (how it is read, policy)."""

    object: str
    kind: str
    fields: Mapping[str, tuple[FieldMap, Policy]]
    external: str = ""


@dataclass
class Proposed:
    """Proposals up to a number of records, and how many records there are in all."""

    lines: list[Proposal] = field(default_factory=list)
    records: int = 0


def rules_of(name: str) -> list[ObjectRules]:
    """Return what may be written to a connection; an object of which nothing may is left out."""
    found = Connection.objects.filter(name=name).first()
    if found is None:
        return []
    result = []
    for row in WriteRule.objects.filter(connection=found).order_by("object"):
        kept = found.objects_read.get(row.object, {})
        if not kept.get("mapping"):
            continue
        record = from_json(kept["mapping"]).records[0]
        fields = {
            one.field: (one, Policy(row.policies[one.column]))
            for one in record.fields
            if one.column and one.column in row.policies
        }
        if fields:
            result.append(ObjectRules(row.object, record.kind, fields, row.external))
    return result


def proposals(
    name: str, *, set_id: int | None = None, limit: int | None = None, objects: str = ""
) -> Proposed:
    """Return what could be written to a connection: fields that may be, edited here, that differ.

    set_id: what one change set wrote alone. limit: of so many records at most; the count is of
    all. objects: one object alone.
    """
    result = Proposed()
    for rules in rules_of(name):
        if objects and rules.object != objects:
            continue
        ids = history.written_beside(name, rules.kind, rules.fields, set_id)
        for start in range(0, len(ids), _AT_ONCE):
            for lines in _differing(name, rules, ids[start : start + _AT_ONCE]):
                result.records += 1
                if limit is None or result.records <= limit:
                    result.lines += lines
    return result


def _differing(name: str, rules: ObjectRules, ids: list[int]) -> Iterator[list[Proposal]]:
    keys = history.own_keys(name, rules.kind, ids)
    said = history.last_sent_as(name, rules.kind, keys.values())
    known = list(keys)
    here = history.raw_states(rules.kind, known)
    written = history.said_rows(rules.kind, known)
    title = KINDS.get(rules.kind).title_field
    for record_id, state in here.items():
        key = keys[record_id]
        edited = _edited(name, written.get(record_id, ()), rules.fields, state)
        lines = []
        for name_, (how, policy) in rules.fields.items():
            then, now = said.get(key, {}).get(name_), state.get(name_)
            if then == now or name_ not in edited:
                continue
            us, origin = edited[name_]
            lines.append(
                Proposal(
                    rules.object, rules.kind, record_id, str(state.get(title) or "")[:200], key,
                    name_, how.column, then, now, us, origin, policy,
                )
            )  # fmt: skip
        if lines:
            yield lines


def _edited(
    name: str, rows: Any, fields: Mapping[str, Any], state: Mapping[str, Any]
) -> dict[str, tuple[int, str]]:
    """Return when and by which other source each field was given the value that stands."""
    found: dict[str, tuple[int, str]] = {}
    for us, _name, values, source in rows:
        if source == name:
            continue
        for one, value in values.items():
            if one in fields and value == state.get(one):
                found[one] = (us, source)
    return found


def has_rules() -> bool:
    """Tell whether anything may be written to any connection."""
    return any(row.policies for row in WriteRule.objects.all())
