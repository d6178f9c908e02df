"""Syncs of HubSpot's objects beside deals: products, lines, leads, tickets, activities."""

from __future__ import annotations

from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.models import Connection, Proof
from perilune.hub.tests.objects_compared import minor, unlike
from perilune.hub.tests.syncing import synced
from perilune.hub.tests.syncing_hubspot import connected, differing
from perilune.kernel.money import UNIT_PRICE_SCALE
from tests.fakes.hubspot import Portal
from tests.fakes.hubspot.made import filled
from tests.fakes.hubspot.more import more

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]

_ACTIVITIES = {
    "calls": "hs_call_title", "emails": "hs_email_subject", "meetings": "hs_meeting_title",
    "tasks": "hs_task_subject",
}  # fmt: skip
_TO = {
    "product_id": "product", "opportunity_id": "opportunity", "owner_id": "rep",
    "account_id": "account", "contact_id": "contact",
}  # fmt: skip


def _near(portal: Portal, kind: str, key: str, to: str) -> str | None:
    return next(iter(portal.links.get((kind, to), {}).get(key, {})), None)


def _rows(portal: Portal, kind: str, of: Any) -> dict[str, dict[str, Any]]:
    return {key: of(key, one.properties.get) for key, one in portal.rows[kind].items()
            if not one.archived_at}  # fmt: skip


def _unlike(portal: Portal) -> list[str]:
    kinds = {
        "product": _rows(portal, "products", lambda _k, p: {
            "name": p("name"), "code": p("hs_sku"),
            "list_price": minor(p("price"), UNIT_PRICE_SCALE)}),
        "opportunity_line": _rows(portal, "line_items", lambda k, p: {
            "product_id": p("hs_product_id"), "amount": minor(p("amount")),
            "opportunity_id": _near(portal, "line_items", k, "deals")}),
        "lead": _rows(portal, "leads", lambda k, p: {
            "name": p("hs_lead_name"), "status": p("hs_pipeline_stage"),
            "contact_id": _near(portal, "leads", k, "contacts")}),
        "quote": _rows(portal, "quotes", lambda k, p: {
            "name": p("hs_title"), "number": p("hs_quote_number"), "status": p("hs_status"),
            "expiry_date": p("hs_expiration_date"), "total": minor(p("hs_quote_amount")),
            "currency": p("hs_currency"), "opportunity_id": _near(portal, "quotes", k, "deals"),
            "account_id": _near(portal, "quotes", k, "companies")}),
        "case": _rows(portal, "tickets", lambda k, p: {
            "subject": p("subject") or k, "priority": p("hs_ticket_priority"),
            "account_id": _near(portal, "tickets", k, "companies")}),
    }  # fmt: skip
    done: dict[str, dict[str, Any]] = {}
    for kind, subject in _ACTIVITIES.items():
        rows = _rows(portal, kind, lambda k, p, kind=kind, subject=subject: {
            "subject": p(subject), "owner_id": p("hubspot_owner_id"),
            "opportunity_id": _near(portal, kind, k, "deals")})  # fmt: skip
        done |= {key: row | {"type": kind[:-1]} for key, row in rows.items()}
    found = []
    for kind, rows in {**kinds, "activity": done}.items():
        fields = {name: _TO.get(name, "") for name in next(iter(rows.values()))}
        found += unlike(kind, rows, fields)
    return found + differing(portal)


def test_what_hubspot_shows_beside_deals_is_read_kept_up_and_proved() -> None:
    portal = more(filled(6, moves=1))
    portal.pass_time(hours=1)  # what changes in the second of a run is left to the next one
    with connected(portal) as serving:
        serving.faults.plan("throttled", where="calls", after=0)
        run = synced()
        assert (run.is_proved, _unlike(portal)) == (True, [])
        proved = set(Proof.objects.values_list("object", flat=True))
        assert {
            "calls",
            "emails",
            "meetings",
            "tasks",
            "tickets",
            "line_items",
            "leads",
            "quotes",
        } <= proved
        portal.pass_time(hours=2)
        calls, deals = list(portal.rows["calls"]), list(portal.rows["deals"])
        portal.archive("calls", calls[0])
        portal.update("calls", calls[1], hs_call_title="Called")
        portal.link("calls", calls[1], "contacts", next(iter(portal.rows["contacts"])))
        portal.update("leads", next(iter(portal.rows["leads"])), hs_pipeline_stage="qualified")
        quotes = list(portal.rows["quotes"])
        portal.archive("quotes", quotes[0])
        portal.update("quotes", quotes[1], hs_status="APPROVED", hs_quote_amount="99.99")
        kept = portal.merge("tickets", *portal.rows["tickets"])
        portal.merge("deals", deals[0], deals[5])  # what hangs on it moves without a stamp
        serving.faults.plan("short_page", where="line_items", after=0)
        run = synced()
        assert (run.is_proved, _unlike(portal)) == (True, [])
        keys = history.identity_keys("acme", "case")
        assert (len(keys), set(keys.values())) == (3, {keys[kept]})  # each id resolves to one


def test_an_object_without_its_scope_is_left_out_and_named_once() -> None:
    portal = filled(6, moves=1)
    with connected(portal):
        run = synced()
        assert run.is_proved
        assert [n["params"]["objects"] for n in run.notices if "objects" in n["params"]] == [
            "line_items, quotes, calls, emails, meetings, tasks, tickets, leads, products"
        ]
        assert not Connection.objects.get().objects_read["calls"]["on"]
        assert all("objects" not in n["params"] for n in synced().notices)
