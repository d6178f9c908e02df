"""Syncs of HubSpot's objects beside deals: products, lines, leads, tickets, activities."""

from __future__ import annotations

import json
from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.models import Connection, Proof
from perilune.hub.service import sync
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
    "account_id": "account", "contact_id": "contact", "quote_id": "quote",
}  # fmt: skip


def _near(portal: Portal, kind: str, key: str, to: str) -> str | None:
    return next(iter(portal.links.get((kind, to), {}).get(key, {})), None)


def _rows(portal: Portal, kind: str, of: Any) -> dict[str, dict[str, Any]]:
    return {key: of(key, one.properties.get) for key, one in portal.rows[kind].items()
            if not one.archived_at}  # fmt: skip


def _items(portal: Portal, to: str, field: str, of: Any) -> dict[str, dict[str, Any]]:
    """Return the line items that are associated with one of an object."""
    rows = _rows(
        portal,
        "line_items",
        lambda k, p: (
            {field: _near(portal, "line_items", k, to), "product_id": p("hs_product_id")} | of(p)
        ),
    )
    return {key: row for key, row in rows.items() if row[field]}


def _words(portal: Portal, kind: str, stage: str) -> str:
    stages = [one for line in portal.pipelines[kind] for one in line["stages"]]
    return next((one["label"] for one in stages if one["id"] == stage), stage)


def _unlike(portal: Portal) -> list[str]:
    kinds = {
        "product": _rows(portal, "products", lambda _k, p: {
            "name": p("name"), "code": p("hs_sku"),
            "list_price": minor(p("price"), UNIT_PRICE_SCALE)}),
        "opportunity_line": _items(portal, "deals", "opportunity_id", lambda p: {
            "amount": minor(p("amount"))}),
        "quote_line": _items(portal, "quotes", "quote_id", lambda p: {
            "quantity": float(p("quantity")), "total": minor(p("amount")),
            "unit_price": minor(p("price"), UNIT_PRICE_SCALE),
            "discount": float(p("hs_discount_percentage") or 0) or None}),
        "lead": _rows(portal, "leads", lambda k, p: {
            "name": p("hs_lead_name"), "status": _words(portal, "leads", p("hs_pipeline_stage")),
            "contact_id": _near(portal, "leads", k, "contacts")}),
        "quote": _rows(portal, "quotes", lambda k, p: {
            "name": p("hs_title"), "number": p("hs_quote_number"), "status": p("hs_status"),
            "expiry_date": p("hs_expiration_date"), "total": minor(p("hs_quote_amount")),
            "currency": p("hs_currency"), "opportunity_id": _near(portal, "quotes", k, "deals"),
            "account_id": _near(portal, "quotes", k, "companies")}),
        "campaign": {key: {
            "name": p["hs_name"], "status": p["hs_campaign_status"], "end_date": p["hs_end_date"],
            "budget": minor(p["hs_budget_items_sum_amount"]), "owner_id": p["hs_owner"]}
            for key, one in (portal.campaigns or {}).items() for p in (one["properties"],)},
        "case": _rows(portal, "tickets", lambda k, p: {
            "subject": p("subject") or k, "priority": p("hs_ticket_priority"),
            "status": _words(portal, "tickets", p("hs_pipeline_stage")),
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


def _sums(name: str) -> tuple[int, ...]:
    """Return how many rows an object has there, here, and kept out."""
    months = list(Proof.objects.filter(object=name))
    return tuple(sum(getattr(one, part) for one in months) for part in ("there", "here", "refused"))


def _move_lines(portal: Portal) -> None:
    """Give a deal's line to a quote without a stamp, and a quote's to a deal besides."""
    of_deal, of_quote, *_more = (k for k in portal.rows["line_items"] if _near_any(portal, k))
    portal.links["line_items", "deals"].pop(of_deal)
    portal.link("line_items", of_deal, "quotes", list(portal.rows["quotes"])[1])
    portal.update("line_items", of_quote, quantity="5", amount="42.75")
    portal.link("line_items", of_quote, "quotes", list(portal.rows["quotes"])[1])
    portal.link("line_items", of_quote, "deals", list(portal.rows["deals"])[1])


def _near_any(portal: Portal, key: str) -> bool:
    return any(_near(portal, "line_items", key, to) for to in ("deals", "quotes"))


def test_what_hubspot_shows_beside_deals_is_read_kept_up_and_proved() -> None:
    portal = more(filled(6, moves=1))
    portal.create("line_items", name="Of nothing", quantity="1", price="1", amount="1")
    portal.pass_time(hours=1)  # what changes in the second of a run is left to the next one
    with connected(portal) as serving:
        serving.faults.plan("throttled", where="calls", after=0)
        run = synced()
        assert (run.is_proved, _unlike(portal)) == (True, [])
        proved = set(Proof.objects.values_list("object", flat=True))
        assert {"calls", "emails", "meetings", "tasks", "tickets", "leads", "quotes"} <= proved
        assert (_sums("line_items"), _sums("quote_line_items")) == ((2, 2, 1), (2, 2, 0))
        case = history.identity_keys("acme", "case")[list(portal.rows["tickets"])[1]]
        portal.pass_time(hours=2)
        calls, deals = list(portal.rows["calls"]), list(portal.rows["deals"])
        portal.archive("calls", calls[0])
        portal.update("calls", calls[1], hs_call_title="Called")
        portal.link("calls", calls[1], "contacts", next(iter(portal.rows["contacts"])))
        portal.update("leads", next(iter(portal.rows["leads"])), hs_pipeline_stage="unknown")
        portal.pipelines["tickets"][0]["stages"][1]["label"] = "Waiting on customer"
        quotes = list(portal.rows["quotes"])
        portal.update("quotes", quotes[1], hs_status="APPROVED", hs_quote_amount="99.99")
        _move_lines(portal)
        assert portal.campaigns
        portal.campaigns.pop("aa-1")  # a campaign that is deleted is no longer listed
        portal.campaigns["bb-2"]["properties"]["hs_budget_items_sum_amount"] = "2000"
        portal.archive("quotes", quotes[0])
        portal.merge("deals", deals[0], deals[5])  # what hangs on it moves without a stamp
        portal.pass_time(minutes=1)
        serving.faults.plan("short_page", where="line_items", after=0)
        run = synced()
        assert (run.is_proved, _unlike(portal)) == (True, [])
        assert (_sums("line_items"), _sums("quote_line_items")) == ((2, 2, 1), (3, 3, 0))
        words = [v["status"] for _us, _f, v, _s in history.said_rows("case", [case])[case]
                 if "status" in v]  # fmt: skip
        assert words == ["Waiting on contact", "Waiting on customer"]
        kept = portal.merge("tickets", *portal.rows["tickets"])
        portal.pass_time(minutes=1)
        assert (synced().is_proved, _unlike(portal)) == (True, [])
        keys = history.identity_keys("acme", "case")
        assert (len(keys), set(keys.values())) == (3, {keys[kept]})  # each id resolves to one


def test_an_object_without_its_scope_is_left_out_and_named_once() -> None:
    portal = more(filled(6, moves=1))
    for kind in {*portal.rows} - {"deals", "contacts", "companies", "line_items"}:
        del portal.rows[kind], portal.properties[kind]
    portal.campaigns = None
    portal.pass_time(hours=1)
    with connected(portal):
        run = synced()
        assert run.is_proved
        assert [n["params"]["objects"] for n in run.notices if "objects" in n["params"]] == [
            "quote_line_items, quotes, calls, emails, meetings, tasks, tickets, leads,"
            " goal_targets, products, campaigns"
        ]
        assert _sums("line_items") == (2, 2, 2)  # those of quotes are kept out, and counted
        assert not Connection.objects.get().objects_read["calls"]["on"]
        assert all("objects" not in n["params"] for n in synced().notices)


def test_a_mapping_that_reads_the_id_of_a_stage_goes_over_to_its_words() -> None:
    portal = more(filled(6, moves=1))
    portal.pass_time(hours=1)
    with connected(portal):
        synced()
        found = Connection.objects.get()
        text = json.dumps(found.objects_read["tickets"]).replace("stageLabel", "hs_pipeline_stage")
        found.objects_read["tickets"] = json.loads(text)
        found.save()
        run = synced()
        assert "The mapping follows" in str(run.notices)
        assert (run.is_proved, _unlike(portal)) == (True, [])


def test_goals_wait_until_somebody_chooses_them_and_only_a_persons_revenue_counts() -> None:
    portal = more(filled(6, moves=1))
    goals = list(portal.rows["goal_targets"])
    portal.update("goal_targets", goals[1], hs_kpi_metric_type="COUNT")
    portal.update("goal_targets", goals[2], hs_pipeline_ids="75310")
    portal.update("goal_targets", goals[3], hubspot_owner_id="")  # a team's
    owner = portal.rows["goal_targets"][goals[0]].properties["hubspot_owner_id"]
    portal.pass_time(hours=1)
    with connected(portal):
        assert "goal_targets" in str(synced().notices)
        assert history.identity_keys("acme", "quota") == {}
        sync.connection_choose("acme", "goal_targets", {}, on=True)
        run = synced()
        assert (run.is_proved, _sums("goal_targets")) == (True, (1, 1, 3))
        reps = history.identity_keys("acme", "rep")
        assert [
            (q["rep_id"], q["amount"], q["currency"], str(q["starts"]), str(q["ends"]))
            for q in history.states_as_of("quota", None).values()
        ] == [(reps[str(owner)], 1_000_000, "EUR", "2026-01-01", "2026-01-31")]
