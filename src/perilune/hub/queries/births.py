"""What was made here and is not there yet; what was ended here and stands there."""

from __future__ import annotations

from typing import Any

from perilune.history import queries as history
from perilune.history.service import LOCAL
from perilune.hub.contracts import from_json
from perilune.hub.contracts.writing import KINDS_IN_ORDER, LineState, Policy, Proposal, Verb
from perilune.hub.models import Connection, WriteLine, WriteRule
from perilune.hub.queries.proposals import Proposed
from perilune.kernel.wiring import KINDS


def to_make(name: str, *, limit: int | None = None) -> Proposed:
    """Return the records that were made here, by hand, and are to be made there: their values.

    limit: of so many records at most; the count is of all. What another source brought is not
    carried over.
    """
    result = Proposed()
    for row, record in _rules(name, match=True):
        kind = record.kind
        ids = sorted(history.began_in(LOCAL, kind))
        known = history.own_keys(name, kind, ids)
        fields = [(one.field, one.column) for one in record.fields if one.column]
        here = history.raw_states(kind, [one for one in ids if one not in known])
        title = KINDS.get(kind).title_field
        for record_id, state in here.items():
            lines = [
                Proposal(
                    row.object, kind, record_id, str(state.get(title) or "")[:200], "", field,
                    column, None, state[field], 0, LOCAL, Policy.OURS,
                )
                for field, column in fields if state.get(field) is not None
            ]  # fmt: skip
            _add(result, lines, limit)
    return result


def to_end(name: str, *, limit: int | None = None) -> Proposed:
    """Return the records that were ended here, by hand, and are to be deleted there.

    What was merged here lives on and is none; limit as above.
    """
    result = Proposed()
    for row, record in _rules(name, ends=True):
        kind = record.kind
        ended = history.ended_in(LOCAL, kind)
        ended -= set(history.merged_into(kind, ended)) | _deleted(name, kind)
        keys = history.own_keys(name, kind, sorted(ended))
        standing = history.raw_states(kind, list(keys))
        title = KINDS.get(kind).title_field
        said = history.last_sent_as(name, kind, keys.values())
        for record_id, key in keys.items():
            if record_id not in standing:
                name_ = str(said.get(key, {}).get(title) or "")[:200]
                line = Proposal(row.object, kind, record_id, name_, key, "", "", None, None, 0,
                                LOCAL, Policy.OURS)  # fmt: skip
                _add(result, [line], limit)
    return result


def _deleted(name: str, kind: str) -> set[int]:
    """Return the records that were deleted there by a batch, and not brought back by another."""
    rows = WriteLine.objects.filter(
        batch__source=name, kind=kind, batch__verb__in=[Verb.END.value, Verb.RESTORE.value],
        state__in=[LineState.WRITTEN.value, LineState.SAME.value],
    ).order_by("id")  # fmt: skip
    latest = dict(rows.values_list("record_id", "batch__verb"))
    return {record_id for record_id, verb in latest.items() if verb == Verb.END.value}


def _add(result: Proposed, lines: list[Proposal], limit: int | None) -> None:
    if lines:
        result.records += 1
        if limit is None or result.records <= limit:
            result.lines += lines


def _rules(name: str, *, match: bool = False, ends: bool = False) -> list[tuple[WriteRule, Any]]:
    """Return the objects of which records are made (or deleted) there, what others need first."""
    found = Connection.objects.filter(name=name).first()
    rows = WriteRule.objects.filter(connection=found)
    rows = rows.exclude(match="") if match else rows.filter(ends=True) if ends else rows
    told = []
    for row in rows if found is not None else ():
        kept = found.objects_read.get(row.object, {}) if found is not None else {}
        if kept.get("mapping"):
            told.append((row, from_json(kept["mapping"]).records[0]))
    return sorted(told, key=lambda one: KINDS_IN_ORDER.index(one[1].kind))


def may(name: str) -> dict[str, tuple[str, bool]]:
    """Return by object the field that keeps our id ("" where none is made) and the deletion."""
    rows = WriteRule.objects.filter(connection__name=name)
    return {row.object: (row.match, row.ends) for row in rows}
