"""A connection to the fake HubSpot, and what differs between the two, for tests and the bench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.models import Connection
from perilune.hub.service import sync
from perilune.hub.service.sync.landing import us_of
from perilune.hub.tests.syncing import differing_in, stage_name, stage_names
from tests.fakes.hubspot import Portal, Serving, serve
from tests.fakes.hubspot.portal import PRIMARY, Record
from tests.fakes.hubspot.schema import STAGES

KINDS = (("deals", "opportunity"), ("contacts", "contact"), ("companies", "account"))


@contextmanager
def connected(portal: Portal, name: str = "acme") -> Iterator[Serving]:
    """Serve an account that a connection is let into by a private app's token."""
    with serve(portal) as serving:
        let_in(serving.address, serving.doors.session()[0], name)
        yield serving


def let_in(address: str, token: str, name: str = "acme", provider: str = "hubspot") -> None:
    """Add a connection that is let in by a token."""
    sync.connection_add(name, address, token=token, provider=provider)
    Connection.objects.filter(name=name).update(is_connected=True)


def differing(portal: Any, name: str = "acme") -> list[str]:
    """Return what differs between the account's live records and ours, value by value."""
    keys = {kind: history.identity_keys(name, kind) for _obj, kind in (*KINDS, ("owners", "rep"))}
    stages, found = stage_names(), []
    for obj, kind in KINDS:
        live = {k: one for k, one in portal.rows[obj].items() if not one.archived_at}

        def unlike(one: Record, state: Any, of: str = obj) -> Iterator[str]:
            return _unlike(portal, of, one, state, keys, stages)

        found += differing_in(obj, kind, live, keys[kind], unlike)
    reps = history.states_as_of("rep", None)
    for key, owner in portal.owners.items():
        state = reps.get(keys["rep"].get(key, 0))
        if state is None or state["name"] != f"{owner['firstName']} {owner['lastName']}":
            found.append(f"owner {key} {state}")
    return found


def _unlike(
    portal: Any, obj: str, one: Record, state: Mapping[str, Any], keys: Mapping[str, Any],
    stages: Mapping[int, str],
) -> Iterator[str]:  # fmt: skip
    told = one.properties
    pairs: list[tuple[str, Any, Any]] = [
        ("owner", keys["rep"].get(told.get("hubspot_owner_id")), state["owner_id"])
    ]
    if obj == "deals":
        stage = STAGES.get(str(told.get("dealstage")), (None, {}))[0]
        amount = told.get("amount")
        pairs += [
            ("name", told.get("dealname"), state["name"]),
            ("amount", None if amount is None else round(float(amount) * 100), state["amount"]),
            ("stage", stage, stages.get(state["stage_id"])),
            ("close date", (told.get("closedate") or "")[:10], str(state["close_date"] or "")),
            ("next step", told.get("hs_next_step"), state["next_step"]),
        ]
    if obj == "companies":
        pairs += [("name", told.get("name"), state["name"]), ("city", told["city"], state["city"])]
    else:
        company = _primary(portal, obj, one.id)
        pairs.append(("company", keys["account"].get(company), state["account_id"]))
    for name, there, here in pairs:
        if there != here:
            yield f"{name} {there} {here}"


def _primary(portal: Any, obj: str, key: str) -> str:
    number = PRIMARY[obj, "companies"]
    near = portal.links.get((obj, "companies"), {}).get(key, {})
    return next((other for other, numbers in near.items() if number in numbers), "")


def past(
    portal: Any, deal: str, name: str = "acme", ids: Mapping[str, int] | None = None
) -> tuple[list[Any], list[Any]]:
    """Return a deal's stages and amounts over time: (as HubSpot tells them, as they stand)."""
    record_id = (ids or history.identity_keys(name, "opportunity"))[deal]
    one: Record = portal.rows["deals"][deal]
    there: dict[int, tuple[Any, Any]] = {}
    stage = amount = None
    versions = sorted(
        (
            (us_of(at), prop, value)
            for prop in ("dealstage", "amount")
            for at, value in one.versions.get(prop, ())
        ),
        key=lambda version: version[0],  # of one instant the last one counts
    )
    for us, prop, value in versions:
        if prop == "dealstage":
            stage = STAGES[str(value)][0]
        else:
            amount = None if value is None else round(float(value) * 100)
        there[us] = (stage, amount)
    here: dict[int, Any] = {}
    for us in there:
        state = history.state_as_of("opportunity", record_id, from_us(us))
        here[us] = state and (stage_name(state["stage_id"]), state["amount"])
    return list(there.values()), list(here.values())
