"""Objects beside the sale's own that an org may show: leads, activities, products, campaigns, …

`more(org)` shows them with a few records each; an org that does not answers 404, as one without
the right or the licence.
"""

from __future__ import annotations

from typing import Any

from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.schema import Field, Kind, _history, _kind

_LINKS = (
    Field("WhoId", "reference"), Field("WhatId", "reference"), Field("Subject", "combobox"),
    Field("AccountId", "reference", refers_to="Account"),
    Field("OwnerId", "reference", refers_to="User"), Field("Description", "textarea"),
    Field("IsArchived", "boolean"),
)  # fmt: skip
_OWNER = Field("OwnerId", "reference", refers_to="User", is_tracked=True)
_MASTER = Field("MasterRecordId", "reference")


def _to(name: str, kind: str) -> Field:
    return Field(name, "reference", refers_to=kind)


def kinds() -> tuple[Kind, ...]:
    """Return the objects, with the fields of the object reference that matter here."""
    return (
        _kind("Pricebook2", "01s", Field("Name"), Field("IsStandard", "boolean"),
              Field("IsActive", "boolean"), Field("ValidFrom", "datetime"),
              Field("ValidTo", "datetime")),
        _kind("Product2", "01t", Field("Name"), Field("ProductCode"), Field("Family", "picklist"),
              Field("IsActive", "boolean")),
        _kind("PricebookEntry", "01u", Field("Name"), _to("Pricebook2Id", "Pricebook2"),
              _to("Product2Id", "Product2"), Field("UnitPrice", "currency"),
              Field("IsActive", "boolean")),
        _kind("Campaign", "701", Field("Name"), Field("Type", "picklist"),
              Field("Status", "picklist"), Field("StartDate", "date"), Field("EndDate", "date"),
              Field("BudgetedCost", "currency"), Field("OwnerId", "reference", refers_to="User")),
        _kind("Lead", "00Q", Field("FirstName"), Field("LastName"), Field("Name"),
              Field("Company", is_tracked=True), Field("Title"), Field("Email", "email"),
              Field("Phone", "phone"), Field("Status", "picklist", is_tracked=True),
              Field("LeadSource", "picklist"), Field("Country"), _OWNER,
              Field("IsConverted", "boolean"), Field("ConvertedDate", "date"),
              _to("ConvertedAccountId", "Account"), _to("ConvertedContactId", "Contact"),
              _to("ConvertedOpportunityId", "Opportunity"), _MASTER, history="LeadHistory"),
        _history("LeadHistory", "00R", "Lead", "LeadId"),
        _kind("Case", "500", Field("CaseNumber"), Field("Subject", is_tracked=True),
              _to("AccountId", "Account"), _to("ContactId", "Contact"), _OWNER,
              Field("Status", "picklist", is_tracked=True), Field("Priority", "picklist"),
              Field("Type", "picklist"), Field("ClosedDate", "datetime"), _MASTER,
              history="CaseHistory"),
        _history("CaseHistory", "01C", "Case", "CaseId"),
        _kind("CampaignMember", "00v", _to("CampaignId", "Campaign"), _to("LeadId", "Lead"),
              _to("ContactId", "Contact"), Field("Status", "picklist"),
              Field("HasResponded", "boolean")),
        _kind("OpportunityLineItem", "00k", _to("OpportunityId", "Opportunity"),
              _to("PricebookEntryId", "PricebookEntry"), _to("Product2Id", "Product2"),
              Field("Quantity", "double"), Field("UnitPrice", "currency"),
              Field("TotalPrice", "currency"), Field("ServiceDate", "date")),
        _kind("Contract", "800", Field("ContractNumber"), _to("AccountId", "Account"),
              Field("OwnerId", "reference", refers_to="User"), Field("Status", "picklist"),
              Field("StartDate", "date"), Field("ContractTerm", "int"), Field("EndDate", "date")),
        _kind("Quote", "0Q0", Field("Name"), Field("QuoteNumber"),
              _to("OpportunityId", "Opportunity"), _to("AccountId", "Account"),
              Field("Status", "picklist"), Field("IsSyncing", "boolean"),
              Field("ExpirationDate", "date"), Field("Subtotal", "currency"),
              Field("Discount", "percent"), Field("TotalPrice", "currency")),
        _kind("QuoteLineItem", "0QL", _to("QuoteId", "Quote"), _to("Product2Id", "Product2"),
              Field("Quantity", "double"), Field("UnitPrice", "currency"),
              Field("Discount", "percent"), Field("TotalPrice", "currency")),
        _kind("Task", "00T", *_LINKS, Field("ActivityDate", "date"), Field("Status", "picklist"),
              Field("TaskSubtype", "picklist"), Field("CallType", "picklist"),
              Field("CallDurationInSeconds", "int"), Field("CallDisposition"),
              Field("IsClosed", "boolean")),
        _kind("Event", "00U", *_LINKS, Field("StartDateTime", "datetime"),
              Field("EndDateTime", "datetime"), Field("DurationInMinutes", "int")),
        _kind("Period", "026", Field("StartDate", "date"), Field("EndDate", "date")),
        _kind("ForecastingQuota", "0J9", _to("QuotaOwnerId", "User"), _to("PeriodId", "Period"),
              Field("StartDate", "date"), Field("QuotaAmount", "currency"),
              Field("QuotaQuantity", "double"), Field("IsAmount", "boolean"),
              Field("ProductFamily", "picklist"), Field("Territory2Id", "reference")),
    )  # fmt: skip


def more(org: Org, count: int = 3) -> Org:
    """Show the objects in an org, with `count` records of most of them; return the org."""
    for kind in kinds():
        org.show(kind)
    users = [k for k, row in org.rows["User"].items() if row["UserRoleId"]]
    accounts, contacts = list(org.rows["Account"]), list(org.rows["Contact"])
    deals = [k for k, row in org.rows["Opportunity"].items() if not row["IsDeleted"]]
    book = org.create("Pricebook2", Name="Standard", IsStandard=True, IsActive=True)
    period = org.create("Period", StartDate="2026-01-01", EndDate="2026-03-31")
    for i in range(count):
        product = _sold(org, i, book, deals[i])
        _offered(org, i, product, deals[i])
        org.create(
            "Contract", ContractNumber=f"0000010{i}", AccountId=accounts[i], OwnerId=users[i],
            Status="Activated", StartDate="2026-01-01", ContractTerm=12, EndDate="2026-12-31",
        )  # fmt: skip
        lead = org.create(
            "Lead", FirstName="Lea", LastName=f"Prospect {i}", Name=f"Lea Prospect {i}",
            Company=f"Firm {i}", Status="Open", LeadSource="Web", OwnerId=users[i],
            Email=f"lea{i}@firm.example", Country="France", IsConverted=False,
        )  # fmt: skip
        campaign = org.create(
            "Campaign", Name=f"Fair {i}", Type="Event", Status="Planned", StartDate="2026-05-01",
            BudgetedCost=1_000.0 * i, OwnerId=users[0],
        )  # fmt: skip
        org.create("CampaignMember", CampaignId=campaign, LeadId=lead, Status="Sent")
        org.create("CampaignMember", CampaignId=campaign, ContactId=contacts[i], Status="Sent")
        org.create(
            "Case", CaseNumber=f"0000{i}", Subject="Broken" if i else None, Status="New",
            AccountId=accounts[i], ContactId=contacts[i], OwnerId=users[i], Priority="High",
        )  # fmt: skip
        shared: dict[str, Any] = {"OwnerId": users[i], "IsArchived": False}
        org.create(
            "Task", Subject="Call", WhoId=lead, TaskSubtype="Call", CallType="Outbound",
            CallDurationInSeconds=90, ActivityDate="2026-02-03", IsClosed=True, **shared,
        )  # fmt: skip
        org.create(
            "Task", Subject="Mail", WhoId=contacts[i], WhatId=deals[i], AccountId=accounts[i],
            TaskSubtype="Email", ActivityDate="2024-02-03", IsClosed=True, OwnerId=users[i],
            IsArchived=True,
        )  # fmt: skip
        org.create(
            "Event", Subject="Demo", WhatId=deals[i], DurationInMinutes=45,
            StartDateTime="2026-02-04T09:00:00.000Z", **shared,
        )  # fmt: skip
        org.create(
            "ForecastingQuota", QuotaOwnerId=users[i], PeriodId=period, StartDate="2026-01-01",
            QuotaAmount=100_000.0 + i, IsAmount=True,
        )  # fmt: skip
    return org


def _offered(org: Org, i: int, product: str, deal: str) -> None:
    quote = org.create(
        "Quote", Name=f"Offer {i}", QuoteNumber=f"0000020{i}", OpportunityId=deal,
        AccountId=org.rows["Opportunity"][deal]["AccountId"], Status="Draft", IsSyncing=i == 0,
        ExpirationDate="2026-06-30", Subtotal=200.0 + i, Discount=12.5, TotalPrice=175.0 + i,
    )  # fmt: skip
    for quantity in (1.0, 2.5):
        org.create(
            "QuoteLineItem", QuoteId=quote, Product2Id=product, Quantity=quantity, UnitPrice=40.25,
            Discount=10.0, TotalPrice=round(36.225 * quantity, 2),
        )  # fmt: skip


def _sold(org: Org, i: int, book: str, deal: str) -> str:
    product = org.create("Product2", Name=f"Product {i}", ProductCode=f"P{i}", IsActive=True)
    price = org.create(
        "PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=9.5 + i, IsActive=True
    )
    org.create(
        "OpportunityLineItem", OpportunityId=deal, PricebookEntryId=price, Product2Id=product,
        Quantity=2.0, UnitPrice=9.5 + i, TotalPrice=19.0 + 2 * i,
    )  # fmt: skip
    return product
