"""The objects and fields of the fake org: names, types and references of the object reference."""

from __future__ import annotations

from dataclasses import dataclass, replace

STAGES = (
    ("Prospecting", "Pipeline", 10, False, False),
    ("Qualification", "Pipeline", 20, False, False),
    ("Proposal/Price Quote", "BestCase", 60, False, False),
    ("Negotiation/Review", "Forecast", 80, False, False),
    ("Closed Won", "Closed", 100, True, True),
    ("Closed Lost", "Omitted", 0, True, False),
)
"""(label, forecast category, probability, is closed, is won) in order."""

TYPES = (
    "New Customer", "Existing Customer - Upgrade", "Existing Customer - Replacement",
)  # fmt: skip


@dataclass(frozen=True)
class Field:
    """A field as `describe` tells it."""

    name: str
    type: str = "string"
    label: str = ""
    refers_to: str = ""
    is_filterable: bool = True
    is_tracked: bool = False
    is_external: bool = False
    choices: tuple[str, ...] = ()

    def told(self) -> dict[str, object]:
        """Return the field as `describe` writes it."""
        return {
            "name": self.name,
            "type": self.type,
            "label": self.label or self.name,
            "filterable": self.is_filterable,
            "custom": self.name.endswith("__c"),
            "externalId": self.is_external,
            "referenceTo": [self.refers_to] if self.refers_to else [],
            "relationshipName": self.name.removesuffix("Id") if self.refers_to else None,
            "nillable": True,
            "picklistValues": [{"value": one, "active": True} for one in self.choices],
        }


@dataclass
class Kind:
    """An object: its key prefix, its own fields, the object that keeps its field history."""

    name: str
    prefix: str
    fields: dict[str, Field]
    history: str = ""
    parent: str = ""
    is_history: bool = False
    is_deletable: bool = True

    def rename(self, old: str, new: str) -> None:
        """Give a field another name, in its place."""
        self.fields = {
            (new if name == old else name): (
                replace(one, name=new, label=one.label or old) if name == old else one
            )
            for name, one in self.fields.items()
        }


SYSTEM = (
    Field("Id", "id"),
    Field("IsDeleted", "boolean"),
    Field("CreatedDate", "datetime"),
    Field("CreatedById", "reference", refers_to="User"),
    Field("LastModifiedDate", "datetime"),
    Field("SystemModstamp", "datetime"),
)
_MASTER = Field("MasterRecordId", "reference")
_NAME = Field("Name")
_OWNER = Field("OwnerId", "reference", refers_to="User", is_tracked=True)


def _kind(name: str, prefix: str, *fields: Field, **more: object) -> Kind:
    return Kind(name, prefix, {one.name: one for one in (*SYSTEM, *fields)}, **more)  # type: ignore[arg-type]


def _history(name: str, prefix: str, parent: str, key: str) -> Kind:
    told = (
        Field("Id", "id"), Field("IsDeleted", "boolean"), Field("CreatedDate", "datetime"),
        Field("CreatedById", "reference", refers_to="User"),
        Field(key, "reference", refers_to=parent),
        Field("Field", "picklist"), Field("DataType", "picklist"),
        Field("OldValue", "anyType", is_filterable=False),
        Field("NewValue", "anyType", is_filterable=False),
    )  # fmt: skip
    return Kind(name, prefix, {one.name: one for one in told}, parent=key, is_history=True)


def kinds() -> dict[str, Kind]:
    """Return the objects of a new org."""
    snapshot = (
        Field("Id", "id"), Field("IsDeleted", "boolean"), Field("CreatedDate", "datetime"),
        Field("SystemModstamp", "datetime"),
        Field("OpportunityId", "reference", refers_to="Opportunity"),
        Field("StageName", "picklist"), Field("Amount", "currency"), Field("CloseDate", "date"),
        Field("Probability", "percent"), Field("ForecastCategory", "picklist"),
    )  # fmt: skip
    found = (
        _kind(
            "User", "005", _NAME, Field("Email", "email"), Field("Phone", "phone"), Field("Title"),
            Field("Country"), Field("IsActive", "boolean"),
            Field("ManagerId", "reference", refers_to="User"),
            Field("UserRoleId", "reference", refers_to="UserRole"), is_deletable=False,
        ),
        _kind("UserRole", "00E", _NAME, Field("ParentRoleId", "reference", refers_to="UserRole")),
        _kind(
            "Account", "001", replace(_NAME, is_tracked=True), Field("Website", "url"),
            Field("Industry", "picklist", is_tracked=True),
            Field("AnnualRevenue", "currency"), Field("NumberOfEmployees", "int"),
            Field("BillingCity"), Field("BillingCountry"), Field("BillingPostalCode"),
            Field("Phone", "phone"), Field("ParentId", "reference", refers_to="Account"), _OWNER,
            _MASTER, Field("Legacy_Id__c", label="Legacy id", is_external=True),
            history="AccountHistory",
        ),
        _history("AccountHistory", "016", "Account", "AccountId"),
        _kind(
            "Contact", "003", Field("FirstName"), Field("LastName"), _NAME, Field("Email", "email"),
            Field("Phone", "phone"), Field("Title", is_tracked=True),
            Field("AccountId", "reference", refers_to="Account", is_tracked=True), _OWNER, _MASTER,
            history="ContactHistory",
        ),
        _history("ContactHistory", "01A", "Contact", "ContactId"),
        _kind(
            "Opportunity", "006", replace(_NAME, is_tracked=True),
            Field("AccountId", "reference", refers_to="Account"),
            Field(
                "StageName", "picklist", is_tracked=True, choices=tuple(one[0] for one in STAGES)
            ),
            Field("Amount", "currency", is_tracked=True),
            Field("Probability", "percent"), Field("CloseDate", "date", is_tracked=True),
            Field("Type", "picklist", choices=TYPES), Field("LeadSource", "picklist"),
            Field("NextStep"),
            Field("ForecastCategoryName", "picklist"), Field("ForecastCategory", "picklist"),
            Field("IsClosed", "boolean"), Field("IsWon", "boolean"), _OWNER,
            Field("Region__c", label="Sales region"), history="OpportunityFieldHistory",
        ),
        _history("OpportunityFieldHistory", "017", "Opportunity", "OpportunityId"),
        Kind(
            "OpportunityHistory", "008", {one.name: one for one in snapshot},
            parent="OpportunityId", is_history=True,
        ),
    )  # fmt: skip
    return {one.name: one for one in found}
