"""Syncs of what an org tells of the past of accounts, contacts and cases, where it tells it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import SyncRun
from perilune.hub.service.sync.landing import us_of
from perilune.hub.tests.syncing import connected, differing, red, synced
from tests.fakes.salesforce import Org
from tests.fakes.salesforce.made import filled
from tests.fakes.salesforce.more import kinds

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]


def _org() -> Org:
    org = filled(4, moves=1, until=datetime(2026, 2, 2, 10, tzinfo=UTC))
    for kind in kinds():
        if kind.name in ("Case", "CaseHistory"):
            org.show(kind)
    org.create("Case", Subject="Broken", Status="New", OwnerId=next(iter(org.rows["User"])))
    return org


def _firsts(org: Org) -> tuple[str, str, str]:
    account, contact, case = (next(iter(org.rows[name])) for name in ("Account", "Contact", "Case"))
    return account, contact, case


def _now(org: Org) -> int:
    return us_of(org.clock().isoformat())


def _said(run: SyncRun, words: str) -> list[str]:
    """Return the histories of which a run said something."""
    told = [one for one in run.notices if words in one["message"]]
    return sorted(str(one["params"].get("history")) for one in told)


def _steps(kind: str, key: str, field: str) -> list[tuple[int, Any]]:
    """Return since when a field of a record has which value, owners by the key of the user."""
    record = history.identity_keys("acme", kind)[key]
    reps = {i: user for user, i in history.identity_keys("acme", "rep").items()}
    return [
        (us, reps[values[field]] if field == "owner_id" else values[field])
        for us, _n, values, _s in history.said_rows(kind, [record])[record]
        if field in values
    ]


def test_what_an_org_tells_of_accounts_contacts_and_cases_stands_at_its_own_instants() -> None:
    org = _org()
    account, contact, case = _firsts(org)
    born = {k: us_of(org.rows[k][key]["CreatedDate"]) for k, key in
            (("Account", account), ("Contact", contact), ("Case", case))}  # fmt: skip
    was = {k: org.rows[k][key]["OwnerId"] for k, key in (("Account", account), ("Case", case))}
    heir = next(key for key in org.rows["User"] if key not in was.values())
    org.pass_time(days=1)
    first = _now(org)
    org.update("Account", account, Name="Renamed", Phone="12", OwnerId=heir)
    org.update("Contact", contact, Title="Chief buyer")
    org.assign("Case", case, heir)
    org.pass_time(days=1)
    second = _now(org)
    org.update("Account", account, Phone="13")  # no change of a tracked field
    org.update("Case", case, Status="Closed")
    org.pass_time(hours=1)
    with connected(org):
        assert (synced().is_proved, differing(org), red()) == (True, [], [])
        assert _steps("account", account, "name") == [
            (born["Account"], "Company 00000"), (first, "Renamed")
        ]  # fmt: skip
        assert _steps("account", account, "owner_id") == [
            (born["Account"], was["Account"]), (first, heir)
        ]  # fmt: skip
        assert _steps("account", account, "phone") == [(second, "13")]  # known from its stamp
        assert _steps("contact", contact, "job_title") == [
            (born["Contact"], "Buyer"), (first, "Chief buyer")
        ]  # fmt: skip
        assert _steps("case", case, "owner_id") == [(born["Case"], was["Case"]), (first, heir)]
        assert _steps("case", case, "status") == [(born["Case"], "New"), (second, "Closed")]
        third = _now(org)
        org.update("Contact", contact, Title="Buyer")
        org.pass_time(hours=1)
        org.update("Contact", contact, Phone="7")
        run = synced()
        assert run.is_proved
        assert _steps("contact", contact, "job_title")[2:] == [(third, "Buyer")]
        told = {k: n for k, n in run.counts["seen"].items() if k.endswith("History") and n}
        assert told == {"ContactHistory": 1}  # the past of what changed, and no other


def test_a_history_that_is_not_shown_is_left_out_and_read_with_its_object_once_it_is() -> None:
    org = _org()
    account, contact, _case = _firsts(org)
    born = us_of(org.rows["Contact"][contact]["CreatedDate"])
    org.pass_time(days=1)
    first = _now(org)
    org.update("Contact", contact, Title="Chief buyer")
    org.pass_time(days=1)
    last = _now(org)
    org.update("Contact", contact, Phone="7")
    hidden = {name: org.kinds.pop(name) for name in ("ContactHistory", "CaseHistory")}
    with connected(org):
        run = synced()
        assert (run.is_proved, differing(org), "History" in str(run.notices)) == (True, [], False)
        assert _steps("contact", contact, "job_title") == [(last, "Chief buyer")]
        org.kinds |= hidden
        org.hide_history("Account")
        org.pass_time(hours=1)
        org.update("Account", account, Name="Renamed")
        run = synced(mode=Mode.REPAIR)  # it says so, and leaves the reading to the next run
        assert _said(run, "from now on") == sorted(hidden)
        assert _said(run, "no longer shown") == ["AccountHistory"]
        run = synced()
        assert (run.is_proved, differing(org), red()) == (True, [], [])
        assert _steps("contact", contact, "job_title")[:2] == [
            (born, "Buyer"), (first, "Chief buyer")
        ]  # fmt: skip
        seen = run.counts["seen"]
        assert (seen["Contact"], seen["Account"]) == (len(org.rows["Contact"]), 1)
        assert ("AccountHistory" in seen, _said(run, "%(history)s")) == (False, [])
