"""A connection to the fake org and runs of it, shared by the tests of syncs and the bench."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Connection, Proof, SyncRun
from perilune.hub.service import sync
from perilune.hub.service.sync import secrets
from perilune.hub.service.sync.landing import us_of
from tests.fakes.salesforce import CLIENT, SECRET, Org, Serving, serve

T = TypeVar("T")


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


def red() -> list[tuple[str, str]]:
    """Return the objects and months of which the proof is not equal."""
    return [
        (p.object, p.month)
        for p in Proof.objects.all()
        if (p.there, p.sum_there) != (p.here, p.sum_here)
    ]


def survived(stretch: Any, days: int) -> set[str]:
    """Sync through some days of mishaps; return which there were."""
    synced()
    kinds: set[str] = set()
    for number in range(days):
        kinds.update(stretch.day(number))
        synced()
        stretch.same_moment()
    stretch.settle()
    return kinds


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
        live = {k: row for k, row in org.rows[obj].items() if not row["IsDeleted"]}

        def unlike(row: Any, state: Any, of: str = obj) -> Iterator[str]:
            return _unlike(of, row, state, keys)

        found += differing_in(obj, kind, live, keys[kind], unlike)
    return found


def differing_in(
    obj: str, kind: str, live: Mapping[str, T], ids: Mapping[str, int],
    unlike: Callable[[T, Any], Iterable[str]],
) -> list[str]:  # fmt: skip
    """Return what differs between an object's live rows, by key, and the records of a kind.

    ids: our record of each key; unlike: what a row and the state of its record do not share.
    """
    states = history.states_as_of(kind, None)
    found = [f"{obj} {k} missing" for k in live if ids.get(k) not in states]
    wanted = {ids.get(k) for k in live}
    found += [f"{obj} record {i} extra" for i in states if i not in wanted]
    for key, row in live.items():
        state = states.get(ids.get(key, 0))
        if state is not None:
            found += [f"{obj} {key} {what}" for what in unlike(row, state)]
    return found


def _unlike(obj: str, row: dict[str, Any], state: dict[str, Any], keys: Any) -> Iterator[str]:
    pairs: list[tuple[str, Any, Any]] = [("name", row.get("Name"), state["name"])]
    if obj == "Opportunity":
        pairs += [
            ("amount", _minor(row["Amount"]), state["amount"]),
            ("close date", row["CloseDate"], str(state["close_date"])),
            ("stage", row["StageName"], stage_name(state["stage_id"])),
            ("account", keys["account"].get(row["AccountId"]), state["account_id"]),
            ("next step", _note(row), state["next_step"]),
        ]
    if obj in ("Opportunity", "Account", "Contact"):
        pairs.append(("owner", keys["rep"].get(row["OwnerId"]), state["owner_id"]))
    for name, there, here in pairs:
        if there != here:
            yield f"{name} {there} {here}"


def _note(row: dict[str, Any]) -> str | None:
    """Return the next step under whatever name it has now."""
    return next(value for name, value in row.items() if name.startswith("Next")) or None


def _minor(amount: float | None) -> int | None:
    return None if amount is None else round(amount * 100)


def stage_name(stage_id: int | None) -> str | None:
    """Return the name of a stage."""
    return None if stage_id is None else stage_names()[stage_id]


def stage_names() -> dict[int, str]:
    """Return the name of each stage, by its id."""
    return {key: str(found["name"]) for key, found in history.states_as_of("stage", None).items()}


def past(org: Org, deal: str, name: str = "acme") -> tuple[list[Any], list[Any]]:
    """Return a deal's stages and amounts over time: (as the org tells them, as they stand here)."""
    snapshots = org.rows["OpportunityHistory"]
    own = {k: row for k, row in snapshots.items() if row["OpportunityId"] == deal}
    return pasts({deal: own}, name)[0]


def pasts(
    snapshots: dict[str, dict[str, dict[str, Any]]], name: str = "acme"
) -> list[tuple[list[Any], list[Any]]]:
    """Return `past` of each deal from its snapshots (deal -> id -> row of OpportunityHistory)."""
    ids = history.identity_keys(name, "opportunity")
    return [_past(ids[deal], list(own.values())) for deal, own in snapshots.items()]


def _past(record_id: int, snapshots: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    rows = sorted(snapshots, key=lambda r: (r["CreatedDate"], r["Id"]))
    there: dict[int, tuple[Any, Any]] = {
        us_of(r["CreatedDate"]): (r["StageName"], _minor(r["Amount"])) for r in rows
    }
    here: dict[int, Any] = {}
    for us in there:
        state = history.state_as_of("opportunity", record_id, from_us(us))
        if state is None:
            here[us] = None
            continue
        here[us] = (stage_name(state["stage_id"]), state["amount"])
    return list(there.values()), list(here.values())
