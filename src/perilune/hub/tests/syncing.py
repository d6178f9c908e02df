"""A connection to the fake org and runs of it, shared by the tests of syncs and the bench."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from perilune.history import queries as history
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Connection, SyncRun
from perilune.hub.service import sync
from perilune.hub.service.sync import secrets
from tests.fakes.salesforce import CLIENT, SECRET, Org, Serving, serve

FIELDS = {
    "Name": "name", "Amount": "amount", "StageName": "stage_id", "CloseDate": "close_date",
    "OwnerId": "owner_id", "AccountId": "account_id", "NextStep": "next_step",
}  # fmt: skip


@contextmanager
def connected(org: Org, name: str = "acme") -> Iterator[Serving]:
    """Serve an org that a connection is let into."""
    with serve(org) as serving:
        sync.connection_add(name, serving.address, CLIENT, SECRET)
        _access, refresh = serving.doors.session()
        keys = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": refresh}
        Connection.objects.filter(name=name).update(
            credentials=secrets.sealed(keys), is_connected=True
        )
        yield serving


def synced(name: str = "acme", mode: Mode = Mode.INCREMENTAL, seconds: float = 60.0) -> SyncRun:
    """Run a sync to its end and return it."""
    run_id = sync.sync_start(name, mode, actor="test")
    while not sync.sync_step(run_id, seconds=seconds, sleep=lambda _s: None).is_done:
        pass
    return SyncRun.objects.get(id=run_id)


def differing(org: Org, name: str = "acme") -> list[str]:
    """Return what differs between the org's live rows and the records, value by value."""
    keys = {
        kind: history.identity_keys(name, kind)
        for kind in ("opportunity", "account", "contact", "rep", "team")
    }
    found = []
    for obj, kind in (
        ("Opportunity", "opportunity"), ("Account", "account"), ("Contact", "contact"),
        ("User", "rep"), ("UserRole", "team"),
    ):  # fmt: skip
        states = history.states_as_of(kind, None)
        live = {k: row for k, row in org.rows[obj].items() if not row["IsDeleted"]}
        ids = keys[kind]
        found += [f"{obj} {k} missing" for k in live if ids.get(k) not in states]
        wanted = {ids.get(k) for k in live}
        found += [f"{obj} record {i} extra" for i in states if i not in wanted]
        for key, row in live.items():
            state = states.get(ids.get(key, 0))
            if state is not None:
                found += [f"{obj} {key} {what}" for what in _unlike(obj, row, state, keys)]
    return found


def _unlike(obj: str, row: dict[str, Any], state: dict[str, Any], keys: Any) -> Iterator[str]:
    if row.get("Name") != state["name"]:
        yield f"name {row.get('Name')} {state['name']}"
    if obj == "Opportunity":
        amount = None if row["Amount"] is None else round(row["Amount"] * 100)
        here = state["amount"]
        here = getattr(here, "minor", here)
        if amount != here:
            yield f"amount {amount} {here}"
        if row["CloseDate"] != str(state["close_date"]):
            yield f"close date {row['CloseDate']} {state['close_date']}"
        if stage_name(state["stage_id"]) != row["StageName"]:
            yield f"stage {row['StageName']} {stage_name(state['stage_id'])}"
        if keys["account"].get(row["AccountId"]) != state["account_id"]:
            yield f"account {row['AccountId']} {state['account_id']}"
        if (row["NextStep"] or None) != state["next_step"]:
            yield f"next step {row['NextStep']} {state['next_step']}"
    if obj in ("Opportunity", "Account", "Contact"):
        if keys["rep"].get(row["OwnerId"]) != state["owner_id"]:
            yield f"owner {row['OwnerId']} {state['owner_id']}"


def stage_name(stage_id: int | None) -> str | None:
    """Return the name of a stage."""
    if stage_id is None:
        return None
    return history.states_as_of("stage", [stage_id])[stage_id]["name"]


def past(org: Org, deal: str, name: str = "acme") -> tuple[list[Any], list[Any]]:
    """Return a deal's stages and amounts over time: (as the org tells them, as they stand here)."""
    from perilune.history.contracts import to_us
    from perilune.hub.service.sync.landing import us_of

    record_id = history.identity_keys(name, "opportunity")[deal]
    rows = sorted(
        (r for r in org.rows["OpportunityHistory"].values() if r["OpportunityId"] == deal),
        key=lambda r: (r["CreatedDate"], r["Id"]),
    )
    there: dict[int, tuple[Any, Any]] = {
        us_of(r["CreatedDate"]): (r["StageName"], None if r["Amount"] is None else round(r["Amount"] * 100))
        for r in rows
    }  # fmt: skip
    here = {}
    from perilune.history.contracts import from_us

    for us in there:
        state = history.state_as_of("opportunity", record_id, from_us(us))
        if state is None:
            here[us] = None
            continue
        amount = state["amount"]
        here[us] = (stage_name(state["stage_id"]), getattr(amount, "minor", amount))
    assert to_us
    return list(there.values()), list(here.values())
