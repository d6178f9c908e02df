"""A connection to the fake Pipedrive, and what differs between the two, for tests and the bench."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

from perilune.history import queries as history
from perilune.history.contracts import from_us
from perilune.hub.service.sync.landing import us_of
from perilune.hub.tests import syncing_hubspot
from perilune.hub.tests.syncing import differing_in, stage_name, stage_names
from tests.fakes.pipedrive import Account, Serving, serve

KINDS = (("deals", "opportunity"), ("persons", "contact"), ("organizations", "account"))
STAGES = {1: "Qualified", 2: "Contact Made", 3: "Proposal Made", 4: "Negotiations Started",
          5: "À relancer", 6: "Accord oral"}  # fmt: skip
let_in = partial(syncing_hubspot.let_in, provider="pipedrive")


@contextmanager
def connected(account: Account, name: str = "acme") -> Iterator[Serving]:
    """Serve an account that a connection is let into by a user's token."""
    with serve(account) as serving:
        let_in(serving.address, serving.doors.session()[0], name)
        yield serving


def differing(account: Any, name: str = "acme") -> list[str]:
    """Return what differs between the account's live records and ours, value by value."""
    keys = {kind: history.identity_keys(name, kind) for _obj, kind in (*KINDS, ("users", "rep"))}
    stages, found = stage_names(), []
    for obj, kind in KINDS:
        live = {k: row for k, row in account.rows[obj].items() if not row["is_deleted"]}

        def unlike(row: Any, state: Any, of: str = obj) -> Iterator[str]:
            return _unlike(of, row, state, keys, stages)

        found += differing_in(obj, kind, live, keys[kind], unlike)
    reps = history.states_as_of("rep", None)
    for key, user in account.users.items():
        state = reps.get(keys["rep"].get(key, 0))
        if state is None or bool(state["leave_date"]) == user["active_flag"]:
            found.append(f"user {key} {state}")
    return found


def _unlike(
    obj: str, row: Mapping[str, Any], state: Mapping[str, Any], keys: Mapping[str, Any],
    stages: Mapping[int, str],
) -> Iterator[str]:  # fmt: skip
    def id_of(kind: str, name: str) -> int | None:
        return keys[kind].get(str(row[name])) if row[name] else None

    pairs: list[tuple[str, Any, Any]] = [("owner", id_of("rep", "owner_id"), state["owner_id"])]
    if obj == "organizations":
        pairs += [("name", row["name"], state["name"]), ("city", "Lyon", state["city"])]
    else:
        pairs.append(("company", id_of("account", "org_id"), state["account_id"]))
    if obj == "deals":
        pairs += [
            ("name", row["title"], state["name"]),
            ("value", _minor(row["value"]), state["amount"]),
            ("stage", _stage(row["status"], row["stage_id"]), stages.get(state["stage_id"])),
            ("closes", _closes(row), str(state["close_date"] or "")),
            ("person", id_of("contact", "person_id"), state["contact_id"]),
        ]
    for name, there, here in pairs:
        if there != here:
            yield f"{name} {there} {here}"


def _minor(value: Any) -> int | None:
    return None if value in (None, "") else round(float(value) * 100)


def _stage(status: str, stage: Any) -> str:
    return status.title() if status in ("won", "lost") else STAGES[int(stage)]


def _closes(row: Mapping[str, Any]) -> str:
    if row["status"] in ("won", "lost"):
        return str(row[f"{row['status']}_time"])[:10]
    return str(row["expected_close_date"] or "")


def past(
    account: Any, deal: str, name: str = "acme", ids: Mapping[str, int] | None = None
) -> tuple[list[Any], list[Any]]:
    """Return a deal's stages and values over time: (as Pipedrive tells them, as they stand)."""
    record_id = (ids or history.identity_keys(name, "opportunity"))[deal]
    row, changes = account.rows["deals"][deal], account.changes.get(deal, [])
    state = {"status": row["status"], "stage_id": row["stage_id"], "value": row["value"]}
    for change in reversed(changes):
        state[change["field_key"]] = change["old_value"]
    there = {us_of(row["add_time"]): (_stage(state["status"], state["stage_id"]),
                                      _minor(state["value"]))}  # fmt: skip
    for change in changes:
        state[change["field_key"]] = change["new_value"]
        at = us_of(change["time"].replace(" ", "T") + "Z")
        there[at] = (_stage(state["status"], state["stage_id"]), _minor(state["value"]))
    here: dict[int, Any] = {}
    for us in there:
        found = history.state_as_of("opportunity", record_id, from_us(us))
        here[us] = found and (stage_name(found["stage_id"]), found["amount"])
    return list(there.values()), list(here.values())
