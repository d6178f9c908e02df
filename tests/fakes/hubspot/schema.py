"""Properties and pipelines of the fake account: names, types and labels of a new account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

READ_ONLY = frozenset({
    "hs_object_id", "createdate", "hs_merged_object_ids", "hs_lastmodifieddate",
    "lastmodifieddate", "amount_in_home_currency", "days_to_close",
})  # fmt: skip


@dataclass(frozen=True)
class Property:
    """A property as the properties API tells it."""

    name: str
    label: str
    type: str = "string"
    is_own: bool = False
    is_unique: bool = False
    options: tuple[str, ...] = ()

    @property
    def is_read_only(self) -> bool:
        """Whether the account sets it by itself."""
        return self.name in READ_ONLY

    def told(self) -> dict[str, Any]:
        """Return the property as HubSpot writes it."""
        field = {"number": "number", "date": "date", "datetime": "date", "bool": "booleancheckbox",
                 "enumeration": "select"}.get(self.type, "text")  # fmt: skip
        return {
            "name": self.name, "label": self.label, "type": self.type, "fieldType": field,
            "description": "", "groupName": "information", "hidden": False,
            "options": [
                {"label": one, "value": one, "displayOrder": at, "hidden": False}
                for at, one in enumerate(self.options)
            ],
            "hasUniqueValue": self.is_unique,
            "modificationMetadata": {
                "archivable": True, "readOnlyDefinition": not self.is_own,
                "readOnlyValue": self.is_read_only,
            },
            "hubspotDefined": not self.is_own, "calculated": False, "formField": False,
        }  # fmt: skip


_SYSTEM = (
    ("hs_object_id", "Record ID", "number"), ("createdate", "Create Date", "datetime"),
    ("hs_merged_object_ids", "Merged record IDs", "enumeration"),
    ("hubspot_owner_id", "Owner", "enumeration"),
)  # fmt: skip
_DEALS = (
    ("dealname", "Deal Name", "string"), ("amount", "Amount", "number"),
    ("dealstage", "Deal Stage", "enumeration"), ("pipeline", "Pipeline", "enumeration"),
    ("closedate", "Close Date", "datetime"), ("dealtype", "Deal Type", "enumeration"),
    ("deal_currency_code", "Currency", "enumeration"), ("hs_next_step", "Next step", "string"),
    ("hs_analytics_source", "Original Traffic Source", "enumeration"),
    ("closed_lost_reason", "Closed Lost Reason", "string"),
    ("amount_in_home_currency", "Amount in company currency", "number"),
    ("days_to_close", "Days to close", "number"),
    ("hs_lastmodifieddate", "Last Modified Date", "datetime"),
)  # fmt: skip
_CONTACTS = (
    ("firstname", "First Name", "string"), ("lastname", "Last Name", "string"),
    ("email", "Email", "string"), ("phone", "Phone Number", "string"),
    ("jobtitle", "Job Title", "string"), ("country", "Country/Region", "string"),
    ("lifecyclestage", "Lifecycle Stage", "enumeration"),
    ("lastmodifieddate", "Last Modified Date", "datetime"),
)  # fmt: skip
_COMPANIES = (
    ("name", "Company name", "string"), ("domain", "Company Domain Name", "string"),
    ("industry", "Industry", "enumeration"), ("annualrevenue", "Annual Revenue", "number"),
    ("numberofemployees", "Number of Employees", "number"), ("phone", "Phone Number", "string"),
    ("address", "Street Address", "string"), ("zip", "Postal Code", "string"),
    ("city", "City", "string"), ("state", "State/Region", "string"),
    ("country", "Country/Region", "string"),
    ("hs_parent_company_id", "Parent Company", "number"),
    ("hs_lastmodifieddate", "Last Modified Date", "datetime"),
)  # fmt: skip


def properties() -> dict[str, dict[str, Property]]:
    """Return the properties of a new account by object and name."""
    every = {"deals": _DEALS, "contacts": _CONTACTS, "companies": _COMPANIES}
    return {
        kind: {name: Property(name, label, of) for name, label, of in (*_SYSTEM, *own)}
        for kind, own in every.items()
    }


def _pipeline(key: str, label: str, *stages: tuple[str, str, str, str]) -> dict[str, Any]:
    facts = ((stage, name, {"isClosed": closed, "probability": chance})
             for stage, name, chance, closed in stages)  # fmt: skip
    return pipeline(key, label, *facts)


def pipeline(key: str, label: str, *stages: tuple[str, str, dict[str, str]]) -> dict[str, Any]:
    """Return a pipeline as HubSpot writes it. stages: (id, label, metadata) in their order."""
    told = [
        {
            "id": stage, "label": name, "displayOrder": place, "archived": False,
            "metadata": facts,
            "createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2020-01-01T00:00:00Z",
        }
        for place, (stage, name, facts) in enumerate(stages)
    ]  # fmt: skip
    return {"id": key, "label": label, "displayOrder": 0, "stages": told, "archived": False,
            "createdAt": "2020-01-01T00:00:00Z", "updatedAt": "2020-01-01T00:00:00Z"}  # fmt: skip


PIPELINES = [
    _pipeline(
        "default", "Sales Pipeline",
        ("appointmentscheduled", "Appointment Scheduled", "0.2", "false"),
        ("qualifiedtobuy", "Qualified To Buy", "0.4", "false"),
        ("presentationscheduled", "Presentation Scheduled", "0.6", "false"),
        ("contractsent", "Contract Sent", "0.9", "false"),
        ("closedwon", "Closed Won", "1.0", "true"), ("closedlost", "Closed Lost", "0.0", "true"),
    ),
    _pipeline(
        "75310", "Renouvellements",  # stages whose names do not say what they mean
        ("75311", "À relancer", "0.5", "false"), ("75312", "Reconduit", "1.0", "true"),
        ("75313", "Parti", "0.0", "true"),
    ),
]  # fmt: skip
STAGES = {
    str(stage["id"]): (str(stage["label"]), stage["metadata"])
    for pipeline in PIPELINES
    for stage in pipeline["stages"]
}
