"""The objects of a HubSpot account, and how their own properties are read."""

from __future__ import annotations

from perilune.hub.contracts.sync import SourceHistory, SourceObject
from perilune.hub.service.sync.hubspot import more
from perilune.hub.service.sync.hubspot.more import Shape

PAST = ("id", "record", "at", "Field", "OldValue", "NewValue")
MERGED = "hs_merged_object_ids"

SHAPES = {
    "deals": Shape(links={"associatedCompany": "companies", "associatedContact": "contacts"}),
    "contacts": Shape("lastmodifieddate", {"associatedCompany": "companies"}),
    "companies": Shape(),
    **more.SHAPES,
}

OBJECTS = (
    *more.FIRST,
    SourceObject(
        "deals", "opportunity", key="id", created="createdAt", stamp="updatedAt", gone="archived",
        into="mergedInto", lags=True,
        history=(
            SourceHistory("deals/history", "record", PAST, created="at", key="id", is_dated=False),
        ),
        reads=(
            ("name", "dealname"), ("amount", "amount"), ("currency", "deal_currency_code"),
            ("stage_id", "dealstage"), ("close_date", "closedate"), ("created_date", "createdate"),
            ("owner_id", "hubspot_owner_id"), ("account_id", "associatedCompany"),
            ("contact_id", "associatedContact"), ("type", "dealtype"),
            ("source", "hs_analytics_source"), ("next_step", "hs_next_step"),
            ("loss_reason", "closed_lost_reason"),
        ),
        unstamped=("associatedCompany", "associatedContact"),
    ),
    SourceObject(
        "contacts", "contact", key="id", created="createdAt", stamp="updatedAt", gone="archived",
        into="mergedInto", lags=True,
        reads=(
            ("first_name", "firstname"), ("last_name", "lastname"), ("email", "email"),
            ("phone", "phone"), ("job_title", "jobtitle"), ("country", "country"),
            ("language", "hs_language"), ("owner_id", "hubspot_owner_id"),
            ("account_id", "associatedCompany"),
        ),
        unstamped=("associatedCompany",),
    ),
    SourceObject(
        "companies", "account", key="id", created="createdAt", stamp="updatedAt", gone="archived",
        into="mergedInto", lags=True,
        reads=(
            ("name", "name"), ("website", "domain"), ("industry", "industry"),
            ("annual_revenue", "annualrevenue"), ("headcount", "numberofemployees"),
            ("founded_year", "founded_year"), ("phone", "phone"), ("street", "address"),
            ("postcode", "zip"), ("city", "city"), ("region", "state"), ("country", "country"),
            ("owner_id", "hubspot_owner_id"), ("parent_id", "hs_parent_company_id"),
        ),
    ),
    *more.LAST,
    SourceObject(
        "campaigns", "campaign", key="id", created="createdAt", stamp="updatedAt", gone="",
        asks_since=False, ends_unlisted=True,
        reads=(
            ("name", "hs_name"), ("status", "hs_campaign_status"), ("start_date", "hs_start_date"),
            ("end_date", "hs_end_date"), ("budget", "hs_budget_items_sum_amount"),
            ("currency", "hs_currency_code"), ("owner_id", "hs_owner"),
        ),
        unstamped=("hs_budget_items_sum_amount",),
    ),
    SourceObject(
        "owners", "rep", key="id", created="createdAt", stamp="updatedAt", gone="",
        reads=(
            ("name", "name"), ("email", "email"), ("leave_date", "archivedOn"),
            ("_team_name", "team"),
        ),
        unstamped=("team", "archivedOn"),
    ),
)  # fmt: skip
"""Children first: what a row refers to was there before it, so it is read after it."""
