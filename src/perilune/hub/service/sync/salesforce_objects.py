"""The objects of a Salesforce org, how they are read, and columns that are made of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from perilune.hub.contracts.sync import SourceHistory, SourceObject
from perilune.hub.service.sync.landing import mixed
from perilune.hub.service.sync.mapping import SYSTEM

_SNAPSHOT = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
_CURRENCY = ("currency", "CurrencyIsoCode")
_CHANGE = ("CreatedDate", "Field", "DataType", "OldValue", "NewValue")
_GIVEN = (("ownerAssignment", "Owner"), ("ownerAccepted", "Owner"), ("ownerEscalated", "Owner"))
"""Names under which histories tell a change of owner that a rule made, or a queue."""

ARCHIVES = frozenset({"Task", "Event"})
"""Objects whose old rows are archived: live ones, which only `queryAll` shows."""


@dataclass(frozen=True)
class Made:
    """A column that the org does not have: its value out of some that it has, as texts.

    One by the name of a stamp is that stamp, mixed with what the org does not stamp.
    """

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


def _eve(instant: str) -> str:
    """Return the same time of the day before, as the org writes instants."""
    if not instant:
        return ""
    eve = datetime.fromisoformat(instant) - timedelta(days=1)
    return eve.strftime("%Y-%m-%dT%H:%M:%SZ")


def _since(changed: str, activated: str) -> str:
    """Return from when on an assignment is in force: never where its model never was."""
    return activated and max(changed, activated)


def _stamp(stamp: str, *loose: str) -> str:
    return mixed(stamp, loose)


def _synced(stamp: str, is_syncing: str) -> str:
    return mixed(stamp, ("synced" if is_syncing == "true" else "",))


_STAMP = "SystemModstamp"
_MODEL = "Territory2.Territory2Model."


def _in_force(model: str) -> dict[str, Made]:
    """Return when rows of territories are known and end, and their stamp; model: the way to it."""
    activated, deactivated = f"{model}ActivatedDate", f"{model}DeactivatedDate"
    return {
        "KnownFrom": Made("Known from", SYSTEM, ("LastModifiedDate", activated), max),
        "InForceTo": Made("In force to", "datetime", (deactivated,), _eve),
        _STAMP: Made(_STAMP, "datetime", (_STAMP, activated, deactivated), _stamp),
    }


_ASSIGNED = {
    **_in_force(_MODEL),
    "InForceFrom": Made(
        "In force from", "datetime", ("LastModifiedDate", f"{_MODEL}ActivatedDate"), _since
    ),
}
_CAUSES = {"Territory2Manual": "manual", "Territory2AssignmentRule": "rule"}

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
    "SBQQ__Quote__c": {
        "QuoteNumber": Made("Quote number", "string", ("Name",), lambda name: name),
    },
    "Quote": {_STAMP: Made(_STAMP, "datetime", (_STAMP, "IsSyncing"), _synced)},
    "UserTerritory2Association": _ASSIGNED,
    "ObjectTerritory2Association": {
        **_ASSIGNED,
        "AccountId": Made("Account", "reference", ("ObjectId",), _of_prefix("001")),
        "Origin": Made(
            "Origin", "string", ("AssociationCause",), lambda cause: _CAUSES.get(cause, "")
        ),
    },
    "Territory2": {
        **_in_force("Territory2Model."),
        "InForceFrom": Made(
            "In force from", "datetime", ("Territory2Model.ActivatedDate",), lambda at: at
        ),
        "TypeLabel": Made(
            "Territory type", "string", ("Territory2Type.MasterLabel",), lambda label: label
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


def _of_territories(name: str, kind: str, *reads: tuple[str, str], gone: str = "") -> SourceObject:
    """Return an object of territories: chosen or not read; nothing tells when its rows were made.

    What is deleted of it is shown for hours at most, so that a row which is not found has ended.
    """
    return SourceObject(
        name, kind, created=_STAMP, gone=gone, is_asked=True, ends_unlisted=True,
        reads=(*reads, ("effective_from", "InForceFrom"), ("effective_to", "InForceTo")),
        dated=("KnownFrom", "KnownFrom"), unstamped=("InForceFrom", "InForceTo"),
    )  # fmt: skip


def _history_of(name: str, *also: tuple[str, str]) -> tuple[SourceHistory, ...]:
    """Return the history of an object's tracked fields, which an org may keep or not."""
    history, parent = f"{name}History", f"{name}Id"
    columns = ("Id", parent, *_CHANGE)
    return (SourceHistory(history, parent, columns, also=(*_GIVEN, *also), is_optional=True),)


OBJECTS = (
    SourceObject(
        "QuoteLineItem", "quote_line",
        reads=(
            ("quote_id", "QuoteId"), ("product_id", "Product2Id"), ("quantity", "Quantity"),
            ("unit_price", "UnitPrice"), ("discount", "Discount"), ("total", "TotalPrice"),
            _CURRENCY,
        ),
    ),
    SourceObject(
        "Quote", "quote", unstamped=("IsSyncing",),
        reads=(
            ("name", "Name"), ("number", "QuoteNumber"), ("opportunity_id", "OpportunityId"),
            ("account_id", "AccountId"), ("status", "Status"), ("is_primary", "IsSyncing"),
            ("expiry_date", "ExpirationDate"), ("subtotal", "Subtotal"), ("discount", "Discount"),
            ("total", "TotalPrice"), _CURRENCY,
        ),
    ),
    SourceObject(
        "SBQQ__QuoteLine__c", "quote_line", is_asked=True,
        reads=(
            ("quote_id", "SBQQ__Quote__c"), ("product_id", "SBQQ__Product__c"),
            ("quantity", "SBQQ__Quantity__c"), ("unit_price", "SBQQ__RegularPrice__c"),
            ("discount", "SBQQ__Discount__c"), ("total", "SBQQ__NetTotal__c"), _CURRENCY,
        ),
    ),
    SourceObject(
        "SBQQ__Quote__c", "quote", is_asked=True,
        reads=(
            ("name", "Name"), ("number", "QuoteNumber"),
            ("opportunity_id", "SBQQ__Opportunity2__c"), ("account_id", "SBQQ__Account__c"),
            ("status", "SBQQ__Status__c"), ("is_primary", "SBQQ__Primary__c"),
            ("expiry_date", "SBQQ__ExpirationDate__c"), ("subtotal", "SBQQ__ListAmount__c"),
            ("total", "SBQQ__NetAmount__c"), _CURRENCY,
        ),
    ),
    SourceObject(
        "Contract", "contract",
        reads=(
            ("number", "ContractNumber"), ("account_id", "AccountId"), ("owner_id", "OwnerId"),
            ("status", "Status"), ("start_date", "StartDate"), ("term_months", "ContractTerm"),
            ("end_date", "EndDate"), _CURRENCY,
        ),
    ),
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
        history=_history_of("Case", ("Subject", "SubjectOrNumber")),
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
    _of_territories(
        "UserTerritory2Association", "territory_seat", ("territory_id", "Territory2Id"),
        ("rep_id", "UserId"),
    ),
    _of_territories(
        "ObjectTerritory2Association", "territory_account", ("territory_id", "Territory2Id"),
        ("account_id", "AccountId"), ("origin", "Origin"), gone="IsDeleted",
    ),
    _of_territories(
        "Territory2", "territory", ("name", "Name"), ("code", "DeveloperName"),
        ("parent_id", "ParentTerritory2Id"), ("type", "TypeLabel"),
    ),
    SourceObject(
        "Lead", "lead", into="MasterRecordId",
        history=_history_of("Lead"),
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
    SourceObject("Contact", "contact", into="MasterRecordId", history=_history_of("Contact")),
    SourceObject("Account", "account", into="MasterRecordId", history=_history_of("Account")),
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
