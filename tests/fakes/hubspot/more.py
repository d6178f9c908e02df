"""Objects beside deals that an account may show: products, lines, leads, tickets, activities.

`more(portal)` shows them with a few records each; without it they answer 403, as without a scope.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.hubspot.portal import MERGED, Portal, text_of
from tests.fakes.hubspot.schema import Property, pipeline

_STAMPED = ("hubspot_owner_id", "hs_lastmodifieddate", MERGED)
_OWN = {
    "products": ("createdate", "name", "hs_sku", "price", "hs_product_type"),
    "line_items": ("createdate", "name", "hs_product_id", "quantity", "price", "amount",
                   "hs_line_item_currency_code", "hs_discount_percentage"),
    "quotes": ("hs_createdate", "hs_title", "hs_quote_number", "hs_status", "hs_expiration_date",
               "hs_quote_amount", "hs_currency"),
    "leads": ("hs_createdate", "hs_lead_name", "hs_pipeline_stage", "hs_lead_label"),
    "tickets": ("createdate", "subject", "hs_pipeline_stage", "hs_ticket_priority",
                "hs_ticket_category", "closed_date"),
    "goal_targets": ("hs_createdate", "hs_goal_name", "hs_target_amount", "hs_goal_type",
                     "hs_kpi_metric_type", "hs_kpi_object_type_id", "hs_kpi_unit_type",
                     "hs_pipeline_ids", "hs_start_datetime", "hs_end_datetime",
                     "hs_goal_target_currency_code"),
    "calls": ("hs_createdate", "hs_timestamp", "hs_call_title", "hs_call_duration",
              "hs_call_direction", "hs_call_status", "hs_call_body"),
    "emails": ("hs_createdate", "hs_timestamp", "hs_email_subject", "hs_email_direction",
               "hs_email_text"),
    "meetings": ("hs_createdate", "hs_timestamp", "hs_meeting_title", "hs_meeting_start_time",
                 "hs_meeting_end_time", "hs_meeting_outcome", "hs_meeting_body"),
    "tasks": ("hs_createdate", "hs_timestamp", "hs_task_subject", "hs_task_status",
              "hs_task_body"),
}  # fmt: skip
_REVENUE = {
    "hs_goal_type": "sales_quota", "hs_kpi_metric_type": "SUM", "hs_kpi_object_type_id": "0-3",
    "hs_kpi_unit_type": "currency",
}  # fmt: skip
_ACTIVITIES: dict[str, dict[str, Any]] = {
    "calls": {"hs_call_title": "Call", "hs_call_duration": 90_000, "hs_call_status": "COMPLETED",
              "hs_call_direction": "OUTBOUND"},
    "emails": {"hs_email_subject": "Mail", "hs_email_direction": "INCOMING_EMAIL"},
    "meetings": {"hs_meeting_title": "Demo", "hs_meeting_start_time": "2026-02-03T09:00:00Z",
                 "hs_meeting_end_time": "2026-02-03T09:45:00Z"},
    "tasks": {"hs_task_subject": "Write", "hs_task_status": "NOT_STARTED"},
}  # fmt: skip


def _campaign(portal: Portal, key: str) -> dict[str, Any]:
    now = text_of(portal.clock())
    return {
        "id": key, "createdAt": now, "updatedAt": now, "businessUnits": [], "properties": {
            "hs_name": f"Campaign {key}", "hs_campaign_status": "in_progress",
            "hs_start_date": "2026-01-05", "hs_end_date": None, "hs_currency_code": "EUR",
            "hs_budget_items_sum_amount": "1500.50", "hs_owner": next(iter(portal.owners)),
        },
    }  # fmt: skip


def more(portal: Portal, count: int = 2) -> Portal:
    """Show the objects in an account, with `count` records of each; return the account."""
    for kind, own in _OWN.items():
        names = ("hs_object_id", *_STAMPED, *own)
        portal.show(kind, {name: Property(name, name) for name in names})
    portal.pipelines["tickets"] = [pipeline(
        "0", "Support Pipeline", ("1", "New", {"ticketState": "OPEN"}),
        ("2", "Waiting on contact", {"ticketState": "OPEN"}),
        ("4", "Closed", {"ticketState": "CLOSED"}),
    )]  # fmt: skip
    portal.pipelines["leads"] = [pipeline(
        "lead-pipeline-id", "Lead pipeline", ("new-stage-id", "New", {}),
        ("qualified-stage-id", "Qualified", {}),
    )]  # fmt: skip
    portal.campaigns = {key: _campaign(portal, key) for key in ("aa-1", "bb-2")}
    companies, contacts = list(portal.rows["companies"]), list(portal.rows["contacts"])
    deals, owner = list(portal.rows["deals"]), next(iter(portal.owners))
    for i in range(count):
        product = portal.create("products", name=f"Product {i}", hs_sku=f"P{i}", price="9.5")
        line = portal.create(
            "line_items", name="Line", hs_product_id=product, quantity="2", price="9.5",
            amount="19",
        )  # fmt: skip
        portal.link("line_items", line, "deals", deals[i])
        quote = portal.create(
            "quotes", hs_title=f"Offer {i}", hs_quote_number=f"20260203-{i}", hs_status="DRAFT",
            hs_expiration_date="2026-06-30", hs_quote_amount="171.5", hs_currency="EUR",
        )  # fmt: skip
        portal.link("quotes", quote, "deals", deals[i])
        portal.link("quotes", quote, "companies", companies[i])
        copied = portal.create(
            "line_items", name="Line", hs_product_id=product, quantity="3", price="9.5",
            amount="25.65", hs_discount_percentage="10",
        )  # fmt: skip
        portal.link("line_items", copied, "quotes", quote)
        lead = portal.create("leads", hs_lead_name=f"Lead {i}", hs_pipeline_stage="new-stage-id")
        ticket = portal.create(
            "tickets", subject="Broken" if i else None, hs_pipeline_stage=str(1 + i),
            hs_ticket_priority="HIGH", hubspot_owner_id=owner,
        )  # fmt: skip
        for kind, key in (("leads", lead), ("tickets", ticket)):
            portal.link(kind, key, "contacts", contacts[i])
            portal.link(kind, key, "companies", companies[i])
        for kind, values in _ACTIVITIES.items():
            key = portal.create(
                kind, hs_timestamp="2026-02-03T09:00:00Z", hubspot_owner_id=owner, **values
            )
            portal.link(kind, key, "deals", deals[i])
            portal.link(kind, key, "contacts", contacts[i])
    for i in range(count + 2):
        portal.create(
            "goal_targets", hs_goal_name="Revenue", hs_target_amount=f"{10_000 + i}",
            hubspot_owner_id=owner, hs_start_datetime="2026-01-01T00:00:00Z",
            hs_end_datetime=("2026-02-01T00:00:00Z", "2026-01-31T23:59:59.999Z")[i % 2],
            hs_goal_target_currency_code="EUR", **_REVENUE,
        )  # fmt: skip
    return portal
