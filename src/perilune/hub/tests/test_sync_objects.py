"""Syncs of the objects beside the sale: leads, activities, products, campaigns, cases, quotas."""

from __future__ import annotations

from typing import Any

import pytest

from perilune.history import queries as history
from perilune.hub.contracts.sync import Mode
from perilune.hub.models import Proof, RowProblem
from perilune.hub.queries import connections as queries
from perilune.hub.service import sync
from perilune.hub.service.sync import salesforce
from perilune.hub.tests.objects_compared import live, minor, unlike
from perilune.hub.tests.syncing import connected, differing, red, synced
from perilune.kernel.money import UNIT_PRICE_SCALE
from tests.fakes.salesforce import Org
from tests.fakes.salesforce.made import filled
from tests.fakes.salesforce.more import kinds, more
from tests.fakes.salesforce.packaged import installed

pytestmark = [pytest.mark.usefixtures("company"), pytest.mark.once]


def _price(name: str) -> Any:
    return lambda row: minor(row[name], UNIT_PRICE_SCALE)


def _who(prefix: str, name: str) -> Any:
    return lambda row: row[name] if str(row[name] or "").startswith(prefix) else None


_ACTIVITY = (
    ("subject", "Subject"), ("owner_id", "OwnerId"), ("account_id", "AccountId"),
    ("contact_id", _who("003", "WhoId")), ("lead_id", _who("00Q", "WhoId")),
    ("opportunity_id", _who("006", "WhatId")),
)  # fmt: skip
_KINDS: dict[str, tuple[tuple[str, tuple[tuple[str, Any], ...]], ...]] = {
    "product": (("Product2", (("name", "Name"), ("code", "ProductCode"))),),
    "price_book": (("Pricebook2", (("name", "Name"), ("is_standard", "IsStandard"))),),
    "price_book_entry": (("PricebookEntry", (
        ("price_book_id", "Pricebook2Id"), ("product_id", "Product2Id"),
        ("unit_price", _price("UnitPrice")))),),
    "opportunity_line": (("OpportunityLineItem", (
        ("opportunity_id", "OpportunityId"), ("product_id", "Product2Id"),
        ("quantity", "Quantity"), ("amount", lambda row: minor(row["TotalPrice"])))),),
    "quote": (("Quote", (
        ("name", "Name"), ("number", "QuoteNumber"), ("opportunity_id", "OpportunityId"),
        ("account_id", "AccountId"), ("status", "Status"), ("is_primary", "IsSyncing"),
        ("expiry_date", "ExpirationDate"), ("subtotal", lambda row: minor(row["Subtotal"])),
        ("discount", "Discount"), ("total", lambda row: minor(row["TotalPrice"])))),),
    "quote_line": (("QuoteLineItem", (
        ("quote_id", "QuoteId"), ("product_id", "Product2Id"), ("quantity", "Quantity"),
        ("unit_price", _price("UnitPrice")), ("discount", "Discount"),
        ("total", lambda row: minor(row["TotalPrice"])))),),
    "contract": (("Contract", (
        ("number", "ContractNumber"), ("account_id", "AccountId"), ("owner_id", "OwnerId"),
        ("status", "Status"), ("start_date", "StartDate"), ("term_months", "ContractTerm"),
        ("end_date", "EndDate"))),),
    "lead": (("Lead", (
        ("name", "Name"), ("company", "Company"), ("status", "Status"), ("owner_id", "OwnerId"),
        ("account_id", "ConvertedAccountId"))),),
    "campaign": (("Campaign", (
        ("name", "Name"), ("budget", lambda row: minor(row["BudgetedCost"])),
        ("owner_id", "OwnerId"))),),
    "campaign_member": (("CampaignMember", (
        ("campaign_id", "CampaignId"), ("contact_id", "ContactId"), ("lead_id", "LeadId"),
        ("status", "Status"))),),
    "case": (("Case", (
        ("subject", lambda row: row["Subject"] or row["CaseNumber"]), ("status", "Status"),
        ("account_id", "AccountId"), ("contact_id", "ContactId"))),),
    "activity": (
        ("Task", (*_ACTIVITY, ("minutes", lambda row: (row["CallDurationInSeconds"] or 0) / 60
                               or None))),
        ("Event", (*_ACTIVITY, ("minutes", lambda row: float(row["DurationInMinutes"])))),
    ),
}  # fmt: skip
_PACKAGED: dict[str, tuple[str, tuple[tuple[str, Any], ...]]] = {
    "quote": ("SBQQ__Quote__c", (
        ("name", "Name"), ("number", "Name"), ("opportunity_id", "SBQQ__Opportunity2__c"),
        ("account_id", "SBQQ__Account__c"), ("status", "SBQQ__Status__c"),
        ("is_primary", "SBQQ__Primary__c"), ("expiry_date", "SBQQ__ExpirationDate__c"),
        ("subtotal", lambda row: minor(row["SBQQ__ListAmount__c"])),
        ("total", lambda row: minor(row["SBQQ__NetAmount__c"])))),
    "quote_line": ("SBQQ__QuoteLine__c", (
        ("quote_id", "SBQQ__Quote__c"), ("product_id", "SBQQ__Product__c"),
        ("quantity", "SBQQ__Quantity__c"), ("unit_price", _price("SBQQ__RegularPrice__c")),
        ("discount", "SBQQ__Discount__c"), ("total", lambda row: minor(row["SBQQ__NetTotal__c"])))),
}  # fmt: skip
_TO = {
    "price_book_id": "price_book", "product_id": "product", "opportunity_id": "opportunity",
    "owner_id": "rep", "account_id": "account", "contact_id": "contact", "lead_id": "lead",
    "campaign_id": "campaign", "quote_id": "quote",
}  # fmt: skip


def _unlike(org: Org) -> list[str]:
    found = []
    for kind, objects in _KINDS.items():
        rows: dict[str, dict[str, Any]] = {}
        for name, columns in objects:
            rows |= live(org.rows[name], "IsDeleted", columns)
        fields = {field: _TO.get(field, "") for field, _of in objects[0][1]}
        found += unlike(kind, rows, fields)
    return found + differing(org)


def _move_quotes(org: Org) -> None:
    """Change, delete and sync quotes, the last without a stamp; the first went with its deal."""
    _first, quote, other = list(org.rows["Quote"])
    org.update("Quote", quote, Status="Approved", TotalPrice=99.99)
    org.rows["Quote"][other]["IsSyncing"] = True
    lines = [k for k, row in org.rows["QuoteLineItem"].items() if row["QuoteId"] == other]
    org.delete("QuoteLineItem", lines[0])
    org.delete("Contract", next(iter(org.rows["Contract"])))


@pytest.mark.parametrize("few", [2, 2_000], ids=["bulk", "rest"])
def test_what_salesforce_shows_beside_the_sale_is_read_kept_up_and_proved(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salesforce, "FEW", few)
    org = more(filled(4, moves=1))
    org.pass_time(hours=1)
    org.update("Quote", list(org.rows["Quote"])[1], Status="Presented")
    with connected(org) as serving:
        serving.faults.plan("short_page", where="query/", after=0)
        serving.rest_page = 2
        with org.late() as commit:  # stamped before the run, to be seen after it
            contract = list(org.rows["Contract"])[1]
            org.update("Contract", contract, ContractTerm=24, EndDate="2027-12-31")
        run = synced()
        assert (run.is_proved, _unlike(org), red()) == (True, [], [])
        commit()
        assert {"Task", "Event", "Lead", "Case"} <= {p.object for p in Proof.objects.all()}
        assert run.counts["written"]["activity"]["new"] == 9  # archived ones among them
        org.pass_time(hours=2)
        leads, tasks = list(org.rows["Lead"]), list(org.rows["Task"])
        org.update("Lead", leads[0], Status="Working")
        org.merge("Lead", leads[0], leads[1])
        org.delete("Opportunity", next(iter(org.rows["OpportunityLineItem"].values()))[
            "OpportunityId"])  # fmt: skip
        org.delete("Task", tasks[0])
        org.update("Task", tasks[2], Subject="Called")
        org.merge("Case", *list(org.rows["Case"])[:2])
        _move_quotes(org)
        serving.faults.plan("expired", where="Task", after=0)
        run = synced()
        assert (run.is_proved, _unlike(org), red()) == (True, [], [])
        keys = history.identity_keys("acme", "lead")
        assert keys[leads[0]] == keys[leads[1]]
        told = history.said_rows("lead", [keys[leads[0]]])[keys[leads[0]]]
        assert [v["status"] for _us, _f, v, _s in told if "status" in v] == ["Open", "Working"]


def test_a_reference_to_what_is_not_read_is_named_and_the_row_is_kept() -> None:
    org = more(filled(4, moves=1))
    with connected(org):
        sync.connection_look("acme")
        sync.connection_choose("acme", "Campaign", {}, on=False)
        sync.connection_choose("acme", "Contact", {}, on=False)
        run = synced()
        assert run.is_proved
        named = RowProblem.objects.filter(run_id__in=run.import_ids, code="unknown_reference")
        assert set(named.values_list("kind", "field")) >= {
            ("case", "contact_id"), ("activity", "contact_id"), ("campaign_member", "campaign_id"),
        }  # fmt: skip
        assert len(history.identity_keys("acme", "case")) == 3
        withheld = Proof.objects.filter(object="CampaignMember")
        assert sum(one.refused for one in withheld) == 6  # a member of nothing is kept out


def test_quotas_wait_until_somebody_chooses_them_and_only_revenue_counts() -> None:
    org = more(filled(4, moves=1))
    with connected(org):
        assert "ForecastingQuota" in str(synced().notices)
        assert history.identity_keys("acme", "quota") == {}
        sync.connection_choose("acme", "ForecastingQuota", {}, on=True)
        pieces = next(iter(org.rows["ForecastingQuota"]))
        org.update("ForecastingQuota", pieces, IsAmount=False)
        run = synced()
        assert run.is_proved
        found = history.states_as_of("quota", None).values()
        assert {(q["amount"], str(q["starts"]), str(q["ends"])) for q in found} == {
            (10_000_000 + 100 * i, "2026-01-01", "2026-03-31") for i in (1, 2)
        }
        assert Proof.objects.get(object="ForecastingQuota").refused == 1


def test_quotes_of_a_package_stand_beside_those_of_the_org_once_they_are_chosen() -> None:
    org = filled(4, moves=1)
    for kind in kinds():
        if kind.name in ("Product2", "Quote", "QuoteLineItem"):
            org.show(kind)
    product = org.create("Product2", Name="Desk")
    for name in ("Offer", "Second offer"):
        quote = org.create("Quote", Name=name, Status="Draft", IsSyncing=False)
        org.create("QuoteLineItem", QuoteId=quote, Product2Id=product, Quantity=2.0)
    installed(org)
    org.pass_time(hours=1)
    own = ("SBQQ__QuoteLine__c", "SBQQ__Quote__c")

    def differs() -> list[str]:
        found = []
        for kind, packaged in _PACKAGED.items():
            (name, columns), fields = _KINDS[kind][0], {n: _TO.get(n, "") for n, _c in packaged[1]}
            rows = live(org.rows[name], "IsDeleted", columns)
            rows |= live(org.rows[packaged[0]], "IsDeleted", packaged[1])
            found += unlike(kind, rows, fields)
        return found

    with connected(org):
        sync.connection_look("acme")
        told = {one.name: one for one in queries.connection("acme").objects}
        assert [(told[n].is_on, told[n].kinds) for n in ("Quote", own[1])] == [
            (True, ("quote",)), (False, ("quote",))
        ]  # fmt: skip
        for name in own:
            sync.connection_choose("acme", name, {}, on=True)
        assert (synced().is_proved, differs(), red()) == (True, [], [])
        org.pass_time(hours=1)
        first, second = list(org.rows["SBQQ__Quote__c"])
        org.update("SBQQ__Quote__c", first, SBQQ__Status__c="Approved", SBQQ__NetAmount__c=250.5)
        org.update("Quote", next(iter(org.rows["Quote"])), Status="Accepted")
        org.delete("SBQQ__Quote__c", second)
        run = synced()
        assert (run.is_proved, differs(), red()) == (True, [], [])
        assert {name: run.counts["seen"][name] for name in own} == {own[0]: 2, own[1]: 2}
        there = Proof.objects.filter(object__in=own).values_list("object", "there")
        assert dict(there) == {own[0]: 2, own[1]: 1}


def test_a_connection_that_reads_already_is_offered_new_objects_and_reads_none_unasked() -> None:
    org = filled(4, moves=1)
    with connected(org):
        assert "Lead, " in str(synced().notices)  # not shown
        more(org)
        org.pass_time(hours=1)
        run = synced(mode=Mode.FULL)
        assert "Can be read" in str(run.notices)
        assert history.identity_keys("acme", "lead") == {}
        told = {one.name: one for one in queries.connection("acme").objects}
        lead, deal = told["Lead"], told["Opportunity"]
        assert (lead.is_on, lead.is_hidden, lead.kinds, lead.rows) == (
            False,
            False,
            ("lead",),
            None,
        )
        assert (deal.is_on, deal.rows, deal.unequal) == (True, 4, 0)
        sync.connection_choose("acme", "Lead", {}, on=True)
        assert synced().is_proved
        assert len(history.identity_keys("acme", "lead")) == 3
