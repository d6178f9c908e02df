"""The objects of a Salesforce org, how they are read, and columns that are made of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from perilune.hub.contracts.sync import SourceHistory, SourceObject

_SNAPSHOT = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
_CURRENCY = ("currency", "CurrencyIsoCode")
_CHANGE = ("CreatedDate", "Field", "DataType", "OldValue", "NewValue")

ARCHIVES = frozenset({"Task", "Event"})
"""Objects whose old rows are archived: live ones, which only `queryAll` shows."""


@dataclass(frozen=True)
class Made:
    """A column that the org does not have: its value out of some that it has, as texts."""

    label: str
    type: str
    of: tuple[str, ...]
    value: Callable[..., str]


def _of_prefix(prefix: str) -> Callable[[str], str]:
    """Return an id where it is one of an object: its first three letters say so."""
    return lambda key: key if key.startswith(prefix) else ""


def _type(subtype: str) -> str:
    return {"Call": "call", "Email": "email", "ListEmail": "email"}.get(subtype, "task")


def _minutes(seconds: str) -> str:
    return f"{float(seconds) / 60:.2f}" if seconds else ""


def _revenue(amount: str, is_amount: str, family: str, territory: str) -> str:
    """Return a quota of a person's whole revenue; of pieces, products and areas nothing."""
    return amount if is_amount == "true" and not family and not territory else ""


_LINKS = {
    "WhoContactId": Made("Contact", "reference", ("WhoId",), _of_prefix("003")),
    "WhoLeadId": Made("Lead", "reference", ("WhoId",), _of_prefix("00Q")),
    "WhatOpportunityId": Made("Opportunity", "reference", ("WhatId",), _of_prefix("006")),
}
MADE: dict[str, dict[str, Made]] = {
    "Task": {
        **_LINKS,
        "ActivityKind": Made("Kind of activity", "string", ("TaskSubtype",), _type),
        "CallMinutes": Made("Minutes", "double", ("CallDurationInSeconds",), _minutes),
    },
    "Event": {
        **_LINKS,
        "ActivityKind": Made("Kind of activity", "string", (), lambda: "meeting"),
    },
    "Case": {
        "SubjectOrNumber": Made(
            "Subject, or number", "string", ("Subject", "CaseNumber"),
            lambda subject, number: subject or number,
        ),
    },
    "ForecastingQuota": {
        "RevenueAmount": Made(
            "Quota of revenue", "currency",
            ("QuotaAmount", "IsAmount", "ProductFamily", "Territory2Id"), _revenue,
        ),
        "PeriodEndDate": Made("Period end", "date", ("Period.EndDate",), lambda day: day),
    },
}  # fmt: skip

_ACTIVITY = (
    ("subject", "Subject"), ("type", "ActivityKind"), ("owner_id", "OwnerId"),
    ("account_id", "AccountId"), ("contact_id", "WhoContactId"), ("lead_id", "WhoLeadId"),
    ("opportunity_id", "WhatOpportunityId"), ("notes", "Description"),
)  # fmt: skip

OBJECTS = (
    SourceObject(
        "OpportunityLineItem", "opportunity_line",
        reads=(
            ("opportunity_id", "OpportunityId"), ("product_id", "Product2Id"),
            ("quantity", "Quantity"), ("unit_price", "UnitPrice"), ("amount", "TotalPrice"),
            _CURRENCY,
        ),
    ),
    SourceObject(
        "CampaignMember", "campaign_member",
        reads=(
            ("campaign_id", "CampaignId"), ("contact_id", "ContactId"), ("lead_id", "LeadId"),
            ("status", "Status"),
        ),
    ),
    SourceObject(
        "Task", "activity",
        reads=(
            *_ACTIVITY, ("starts_at", "ActivityDate"), ("minutes", "CallMinutes"),
            ("direction", "CallType"), ("outcome", "CallDisposition"), ("is_done", "IsClosed"),
        ),
    ),
    SourceObject(
        "Event", "activity",
        reads=(*_ACTIVITY, ("starts_at", "StartDateTime"), ("minutes", "DurationInMinutes")),
    ),
    SourceObject(
        "Case", "case", into="MasterRecordId",
        reads=(
            ("subject", "SubjectOrNumber"), ("account_id", "AccountId"),
            ("contact_id", "ContactId"), ("owner_id", "OwnerId"), ("status", "Status"),
            ("priority", "Priority"), ("category", "Type"), ("opened_at", "CreatedDate"),
            ("closed_at", "ClosedDate"),
        ),
    ),
    SourceObject(
        "ForecastingQuota", "quota", is_asked=True,
        reads=(
            ("rep_id", "QuotaOwnerId"), ("starts", "StartDate"), ("ends", "PeriodEndDate"),
            ("amount", "RevenueAmount"), _CURRENCY,
        ),
    ),
    SourceObject(
        "Lead", "lead", into="MasterRecordId",
        history=(SourceHistory("LeadHistory", "LeadId", ("Id", "LeadId", *_CHANGE)),),
        reads=(
            ("name", "Name"), ("company", "Company"), ("job_title", "Title"), ("email", "Email"),
            ("phone", "Phone"), ("status", "Status"), ("source", "LeadSource"),
            ("owner_id", "OwnerId"), ("country", "Country"), ("created_date", "CreatedDate"),
            ("converted_date", "ConvertedDate"), ("account_id", "ConvertedAccountId"),
            ("contact_id", "ConvertedContactId"), ("opportunity_id", "ConvertedOpportunityId"),
        ),
    ),
    SourceObject(
        "Opportunity",
        "opportunity",
        history=(
            SourceHistory(
                "OpportunityHistory",
                "OpportunityId",
                ("Id", "OpportunityId", "CreatedDate", *_SNAPSHOT),
                _SNAPSHOT,
            ),
            SourceHistory(
                "OpportunityFieldHistory", "OpportunityId", ("Id", "OpportunityId", *_CHANGE)
            ),
        ),
    ),
    SourceObject("Contact", "contact", into="MasterRecordId"),
    SourceObject("Account", "account", into="MasterRecordId"),
    SourceObject(
        "Campaign", "campaign",
        reads=(
            ("name", "Name"), ("type", "Type"), ("status", "Status"), ("start_date", "StartDate"),
            ("end_date", "EndDate"), ("budget", "BudgetedCost"), _CURRENCY, ("owner_id", "OwnerId"),
        ),
    ),
    SourceObject(
        "PricebookEntry", "price_book_entry",
        reads=(
            ("price_book_id", "Pricebook2Id"), ("product_id", "Product2Id"),
            ("unit_price", "UnitPrice"),
        ),
    ),
    SourceObject(
        "Product2", "product",
        reads=(
            ("name", "Name"), ("code", "ProductCode"), ("family", "Family"),
            ("is_active", "IsActive"), _CURRENCY,
        ),
    ),
    SourceObject(
        "Pricebook2", "price_book",
        reads=(
            ("name", "Name"), ("is_standard", "IsStandard"), ("effective_from", "ValidFrom"),
            ("effective_to", "ValidTo"),
        ),
    ),
    SourceObject("User", "rep", gone=""),
    SourceObject("UserRole", "team", gone=""),
)  # fmt: skip
"""Children first: what a row refers to was there before it, so it is read after it."""
