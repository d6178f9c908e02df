"""Quotes of Salesforce CPQ, as an org shows them once the package is installed.

Names of objects and fields are the package's (`SBQQ__`); a quote is called by its number.
"""

from __future__ import annotations

from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.schema import Field, Kind, _kind


def _to(name: str, kind: str, label: str) -> Field:
    return Field(name, "reference", label, refers_to=kind)


def kinds() -> tuple[Kind, ...]:
    """Return the objects, with the fields of the package's help that matter here."""
    return (
        _kind("SBQQ__Quote__c", "a0Q", Field("Name", label="Quote Number"),
              _to("SBQQ__Opportunity2__c", "Opportunity", "Opportunity"),
              _to("SBQQ__Account__c", "Account", "Account"),
              Field("SBQQ__Status__c", "picklist", "Status"),
              Field("SBQQ__Primary__c", "boolean", "Primary"),
              Field("SBQQ__ExpirationDate__c", "date", "Expiration Date"),
              Field("SBQQ__ListAmount__c", "currency", "List Amount"),
              Field("SBQQ__NetAmount__c", "currency", "Net Amount")),
        _kind("SBQQ__QuoteLine__c", "a0L", Field("Name", label="Line Name"),
              _to("SBQQ__Quote__c", "SBQQ__Quote__c", "Quote"),
              _to("SBQQ__Product__c", "Product2", "Product"),
              Field("SBQQ__Quantity__c", "double", "Quantity"),
              Field("SBQQ__ListPrice__c", "currency", "List Unit Price"),
              Field("SBQQ__Discount__c", "percent", "Additional Disc. (%)"),
              Field("SBQQ__RegularPrice__c", "currency", "Regular Unit Price"),
              Field("SBQQ__NetPrice__c", "currency", "Net Unit Price"),
              Field("SBQQ__NetTotal__c", "currency", "Net Total")),
    )  # fmt: skip


def installed(org: Org, count: int = 2) -> Org:
    """Show the package's quotes in an org that has deals and products; return it.

    The deals have `count` quotes with two lines each, the first of a deal its primary one.
    """
    for kind in kinds():
        org.show(kind)
    deals, products = list(org.rows["Opportunity"]), list(org.rows["Product2"])
    for i in range(count):
        deal = deals[i % len(deals)]
        quote = org.create(
            "SBQQ__Quote__c", Name=f"Q-{i:05d}", SBQQ__Opportunity2__c=deal,
            SBQQ__Account__c=org.rows["Opportunity"][deal]["AccountId"], SBQQ__Status__c="Draft",
            SBQQ__Primary__c=i < len(deals), SBQQ__ExpirationDate__c="2026-06-30",
            SBQQ__ListAmount__c=300.0 + i, SBQQ__NetAmount__c=270.0,
        )  # fmt: skip
        for quantity in (1.0, 2.0):
            org.create(
                "SBQQ__QuoteLine__c", Name=f"QL-{i:05d}", SBQQ__Quote__c=quote,
                SBQQ__Product__c=products[i % len(products)], SBQQ__Quantity__c=quantity,
                SBQQ__ListPrice__c=100.0, SBQQ__Discount__c=10.0, SBQQ__RegularPrice__c=100.0,
                SBQQ__NetTotal__c=90.0 * quantity,
            )  # fmt: skip
    return org
