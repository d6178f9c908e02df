"""Verbs on records of any kind: create, change, delete, each one change set that can be undone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from perilune.crm.contracts import Done
from perilune.crm.engine import Facts, Finding, check
from perilune.crm.queries import same_account, stages, whom_to_ask
from perilune.history.contracts import Retraction
from perilune.history.queries import all_fields, set_info, state_as_of, states_as_of
from perilune.history.service import Writer, change_set, retract
from perilune.kernel.errors import Conflict, Invalid, NotFound, Problem
from perilune.kernel.kinds import decode, encode
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company, writing_time

MOST_AT_ONCE = 500
"""Records that one verb on many takes: a set of this size is written well under a second."""
UNDONE = ("edit", "implied")
"""Purposes of sets that are taken back here: what a person edited, or filled from other fields."""


def record_create(kind: str, values: Mapping[str, Any], *, actor: str) -> Done:
    """Create a record; Invalid with the errors found. Warnings come back with the result.

    values: Python or encoded values by field name; money in minor units. Done.ids is the new id.
    """
    decoded = _decoded(kind, values)
    warnings = _require_sound(kind, decoded, None, set(decoded))
    with opened(actor, _("Created")) as writer:
        record_id = writer.create(kind, values)
    return Done(writer.id, (record_id,), warnings)


def record_change(kind: str, record_id: int, values: Mapping[str, Any], *, actor: str) -> Done:
    """Change fields of a record. Only real changes are written; Done has no set without any.

    Errors of fields that were wrong before and are not touched do not stop it.
    """
    before = standing(kind, record_id)
    decoded = _decoded(kind, values)
    changed = {name for name, value in decoded.items() if before.get(name) != value}
    if not changed:
        return Done(None, (record_id,))
    warnings = _require_sound(kind, before | decoded, record_id, changed)
    with opened(actor) as writer:
        writer.change(kind, record_id, {name: values[name] for name in changed})
    return Done(writer.id, (record_id,), warnings)


def records_change(kind: str, ids: Sequence[int], values: Mapping[str, Any], *, actor: str) -> Done:
    """Give many records the same values, in one change set: all of them or none.

    Invalid when one of them would be wrong, or when there are more than MOST_AT_ONCE.
    """
    _require_few(ids)
    decoded = _decoded(kind, values)
    states = states_as_of(kind, list(ids))
    touched = []
    for record_id, before in states.items():
        changed = {name for name, value in decoded.items() if before.get(name) != value}
        if changed:
            _require_sound(kind, before | decoded, record_id, changed)
            touched.append(record_id)
    if not touched:
        return Done(None, tuple(ids))
    with opened(actor) as writer:
        for record_id in touched:
            writer.change(kind, record_id, values)
    return Done(writer.id, tuple(touched))


def record_delete(kind: str, record_id: int, *, actor: str) -> Done:
    """End a record; its past stays and the change set undoes it."""
    return records_delete(kind, [record_id], actor=actor)


def records_delete(kind: str, ids: Sequence[int], *, actor: str) -> Done:
    """End many records in one change set."""
    _require_few(ids)
    there = states_as_of(kind, list(ids))
    if not there:
        raise NotFound(_("This record does not exist (any more)."))
    with opened(actor, _("Deleted")) as writer:
        for record_id in there:
            writer.delete(kind, record_id)
    return Done(writer.id, tuple(there))


def record_restore(kind: str, record_id: int, *, actor: str) -> Done:
    """Bring a deleted record back as it was."""
    if state_as_of(kind, record_id) is not None:
        raise Conflict(_("This record is there already."))
    with opened(actor, _("Restored")) as writer:
        writer.restore(kind, record_id)
    return Done(writer.id, (record_id,))


def edit_undo(change_set_id: int, *, actor: str, may_undo_others: bool = False) -> Retraction:
    """Take an edit back: one's own, or with the right anybody's. Imports are rolled back elsewhere.

    NotFound when there is no such edit or it was undone already; later edits stand and are listed.
    """
    info = set_info(change_set_id)
    if info is None or info.purpose not in UNDONE or (info.actor != actor and not may_undo_others):
        raise NotFound(_("There is no edit of yours to take back here."))
    return retract(change_set_id, actor)


def findings(
    kind: str, values: Mapping[str, Any], record_id: int | None = None
) -> tuple[Finding, ...]:
    """Return what is wrong or doubtful with a whole record (decoded values) before a write."""
    found = check(kind, all_fields(kind), values, _facts(kind, values, record_id))
    if kind == "account" and (other := same_account(dict(values), record_id)):
        found.append(_exists(other))
    return tuple(found)


# -- shared --------------------------------------------------------------------------------------


@contextmanager
def opened(actor: str, title: str = "") -> Iterator[Writer]:
    """Open a change set known at the company's time of writing (an archive's «today»)."""
    with change_set(actor=actor, title=title, known_at=writing_time()) as writer:
        yield writer


def standing(kind: str, record_id: int) -> dict[str, Any]:
    """Return a record's values as they stand; NotFound when it is not there."""
    state = state_as_of(kind, record_id)
    if state is None:
        raise NotFound(_("This record does not exist (any more)."))
    return state


def _require_few(ids: Sequence[int]) -> None:
    if len(ids) > MOST_AT_ONCE:
        raise Invalid(_("At most %(most)s records at once."), most=MOST_AT_ONCE)


def _decoded(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    types = {item.name: item.type for item in all_fields(kind)}
    unknown = sorted(set(values) - set(types))
    if unknown:
        raise NotFound("%(kind)s has no field %(field)s.", kind=kind, field=unknown[0])
    return {name: decode(types[name], encode(types[name], v)) for name, v in values.items()}


def _require_sound(
    kind: str, values: Mapping[str, Any], record_id: int | None, changed: set[str]
) -> tuple[Problem, ...]:
    """Raise Invalid on errors; return the warnings that a change gives rise to."""
    found = findings(kind, values, record_id)
    touched = [f for f in found if record_id is None or _concerns(kind, f.problem.field, changed)]
    errors = tuple(finding.problem for finding in touched if finding.is_error)
    if errors:
        raise Invalid(_("This was not saved."), problems=errors)
    return tuple(finding.problem for finding in touched)


def _concerns(kind: str, name: str, changed: set[str]) -> bool:
    """Tell whether a change of some fields brings up a finding on another."""
    if name in changed:
        return True
    together = {
        "opportunity": ({"stage_id", "close_date", "amount"},),
        "account": ({"siren", "siret", "vat_number"}, {"latitude", "longitude"}),
    }
    return any(name in group and changed & group for group in together.get(kind, ()))


def _facts(kind: str, values: Mapping[str, Any], record_id: int | None) -> Facts:
    today = company().today
    if kind == "opportunity":
        known = {row["id"]: row["meaning"] or "open" for row in stages(today)}
        stage_id = values.get("stage_id")
        if stage_id and stage_id not in known:  # the store may be a moment behind
            state = state_as_of("stage", stage_id)
            known[stage_id] = (state or {}).get("meaning") or "open"
        return Facts(today.day, known)
    if kind == "stage":
        others = states_as_of("stage", None)
        taken = {
            str(state["name"] or "").lower()
            for other, state in others.items()
            if other != record_id and state["pipeline_id"] == values.get("pipeline_id")
        }
        return Facts(today.day, taken=frozenset(taken))
    return Facts(today.day)


def _exists(other: Mapping[str, Any]) -> Finding:
    """Say «exists, ask X»: to whoever may see it the page adds the link (rule 35)."""
    message = _("An account with this number exists. Ask %(name)s.")
    params = {"name": whom_to_ask("account", dict(other)), "id": other["id"]}
    named = next((n for n in ("siret", "siren", "vat_number") if other.get(n)), "siren")
    return Finding(Problem(message, params, field=named))
