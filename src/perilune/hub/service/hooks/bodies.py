"""What a delivery says: made when it is sent, from what its owner may see then.

So a row of the outbox names ids alone: who lost the right, or whom an erasure reached, is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from perilune.crm.queries import is_seen, last_values
from perilune.forecasting import queries as forecasting
from perilune.history import queries as history
from perilune.hub.contracts.hooks import TEST_EVENT
from perilune.hub.models import Delivery
from perilune.hub.service.hooks.feeding import scope_of
from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import NEWS
from perilune.planning import queries as planning
from perilune.planning.contracts import PlanHead


def body_of(row: Delivery) -> dict[str, Any] | None:
    """Return what a delivery says, None where its owner may see nothing of it."""
    data = _data(row, row.subscription.owner)
    if data is None:
        return None
    return {"type": row.type, "timestamp": row.created_at.isoformat(), "data": data}


def _data(row: Delivery, owner: str) -> dict[str, Any] | None:
    if row.type == TEST_EVENT:
        return {"text": "Perilune"}
    scope = scope_of(owner)
    refs = row.refs
    if "kind" in refs:
        return _records(row.type, refs, scope)
    if "run" in refs:
        return _run(int(refs["run"]), scope)
    if "plan" in refs:
        found = [one for one in planning.plans(scope, owner) if one.id == refs["plan"]]
        return _plan(found[0]) if found else None
    return NEWS.get(str(refs["feed"])).told(owner, int(refs["number"]))


def _records(type_: str, refs: Mapping[str, Any], scope: Scope) -> dict[str, Any] | None:
    kind, head = str(refs["kind"]), {"kind": refs["kind"], "change_set": refs["set"]}
    if refs.get("is_undone"):
        head["is_undone"] = True
    if refs.get("is_many"):
        return {**head, "is_many": True} if scope.owners is None else None
    ids = [int(i) for i in refs["records"]]
    states = history.states_as_of(kind, ids) if not type_.endswith(".ended") else {}
    last = _last(kind, ids, states)
    names = {item.name for item in history.all_fields(kind)}
    told = []
    for record_id in ids:
        state = last.get(record_id)
        if state is None or not is_seen(kind, state, scope):
            continue
        keys = dict(history.identities_of(kind, record_id))
        one: dict[str, Any] = {"id": record_id, "keys": keys}
        if record_id in states:
            one["fields"] = {
                name: _plain(state.get(name))
                for name in refs["records"][str(record_id)]
                if name in names and (kind, name) not in scope.hidden
            }
        told.append(one)
    return {**head, "records": told} if told else None


def _last(kind: str, ids: list[int], states: Mapping[int, Mapping[str, Any]]) -> dict[int, Any]:
    """Return the values by which the gate decides: those of now, else the last ones."""
    found: dict[int, Any] = dict(states)
    for record_id in ids:
        if record_id not in found:
            told = last_values(history.timeline(kind, record_id, with_retracted=True))
            found[record_id] = told or None
    return found


def _plan(plan: PlanHead) -> dict[str, Any]:
    return {
        "id": plan.id, "name": plan.name, "year": plan.year, "published_by": plan.published_by,
        "effective_from": _plain(plan.effective_from),
    }  # fmt: skip


def _run(run_id: int, scope: Scope) -> dict[str, Any] | None:
    try:
        run = forecasting.run_info(run_id, scope)
    except NotFound:
        return None
    return {
        "id": run.id, "period": run.period, "by": run.by.value, "as_of": run.as_of.day.isoformat(),
        "currency": run.currency, "scope": run.scope_label, "rows": [dict(r) for r in run.rows],
    }  # fmt: skip


def _plain(value: Any) -> Any:
    """Return a value as JSON says it: days and instants in ISO, money in minor units."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
