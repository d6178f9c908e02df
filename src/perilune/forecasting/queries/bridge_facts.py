"""What a bridge shows of its deals: what each was on record as, and what it is."""

from __future__ import annotations

from typing import Any

from perilune.forecasting.contracts.bridge import BridgeDeal, Component
from perilune.forecasting.engine.bridge import COMPONENTS, Moves
from perilune.forecasting.queries.bridge_late import Asked, States
from perilune.forecasting.queries.bridge_sides import Ends
from perilune.kernel.asof import AsOf
from perilune.store import queries as store

Facts = dict[int, dict[str, Any]]


def told(ends: Ends, asked: Asked, moves: Moves) -> list[BridgeDeal]:
    """Return the deal of each movement, before and after.

    Of what was restated, after is what is known by the closing of the day of the opening.
    """
    ids = ends.ids[moves.deal].tolist()
    since, until = asked.request.since, asked.request.until
    known = _facts(ids, asked, since)
    before = known | _on_record(ends.late["before"], ids, asked, since)
    restated = known | _on_record(ends.late["restated"], ids, asked, since)
    after = _facts(ids, asked, until)
    after |= _on_record(ends.late["after"], ids, asked, until)
    found = []
    rows = zip(ids, moves.component.tolist(), moves.value.tolist(), strict=True)
    for id_, component, value in rows:
        reason = COMPONENTS[component]
        then = before if reason is Component.RESTATED else restated
        now = restated if reason is Component.RESTATED else after
        named = now.get(id_) or then.get(id_) or {}
        name = str(named.get("name") or f"#{id_}")
        found.append(BridgeDeal(id_, name, reason, value, then.get(id_, {}), now.get(id_, {})))
    return found


def _facts(ids: list[int], asked: Asked, at: AsOf) -> Facts:
    found = store.run("forecasting.bridge_facts", {"ids": ids}, scope=asked.scope, as_of=at)
    return {row["id"]: row for row in found.dicts()}


def _on_record(late: States, ids: list[int], asked: Asked, at: AsOf) -> Facts:
    """Return the facts of the deals of which something else was on record; {}: nothing was."""
    chosen = {id_: late[id_] for id_ in ids if id_ in late}
    if not chosen:
        return {}
    scope = asked.scope
    stages = store.run("forecasting.bridge_stages", scope=scope, as_of=at).dicts()
    stage = {row["id"]: row for row in stages}
    units = store.run("forecasting.units", scope=scope, as_of=at).dicts()
    reps = {row["id"]: row["name"] for row in units if row["kind"] == "rep"}
    found: Facts = {}
    for id_, state in chosen.items():
        if state is None or not scope.sees(state["owner_id"]):
            found[id_] = {}
            continue
        stands: dict[str, Any] = stage.get(state["stage_id"], {})
        meaning = stands.get("meaning", "open")
        category = {"won": "closed", "lost": "omitted"}.get(meaning)
        found[id_] = {
            "id": id_,
            "name": state["name"],
            "owner": reps.get(state["owner_id"]),
            "stage": stands.get("name"),
            "meaning": meaning,
            "category": category
            or state["forecast_category"]
            or stands.get("category", "pipeline"),
            "close_date": state["close_date"],
            "amount": state["amount"],
            "currency": state["currency"] or asked.currency,
            "type": state["type"],
        }
    return found
