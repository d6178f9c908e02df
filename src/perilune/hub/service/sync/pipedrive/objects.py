"""The objects of a Pipedrive account, and how their own fields are read."""

from __future__ import annotations

from perilune.hub.contracts.sync import SourceHistory, SourceObject

PAST = ("id", "record", "at", "Field", "OldValue", "NewValue")
OWN = {
    "deals": (
        ("title", "varchar", "Title"), ("value", "monetary", "Value"),
        ("currency", "varchar", "Currency"), ("stage", "stage", "Stage or status"),
        ("closes", "date", "Expected or actual close date"), ("owner_id", "user", "Owner"),
        ("org_id", "org", "Organization"), ("person_id", "people", "Contact person"),
        ("lost_reason", "varchar", "Lost reason"), ("origin", "varchar", "Source origin"),
    ),
    "persons": (
        ("name", "varchar", "Name"), ("first_name", "varchar", "First name"),
        ("last_name", "varchar", "Last name"), ("email", "varchar", "Email"),
        ("phone", "phone", "Phone"), ("job_title", "varchar", "Job title"),
        ("org_id", "org", "Organization"), ("owner_id", "user", "Owner"),
    ),
    "organizations": (
        ("name", "varchar", "Name"), ("owner_id", "user", "Owner"),
        ("website", "varchar", "Website"), ("annual_revenue", "double", "Annual revenue"),
        ("employee_count", "int", "Number of employees"), ("street", "varchar", "Street"),
        ("postal_code", "varchar", "Postal code"), ("locality", "varchar", "City"),
        ("region", "varchar", "Region"), ("country", "varchar", "Country"),
    ),
    "users": (
        ("name", "varchar", "Name"), ("email", "varchar", "Email"), ("phone", "phone", "Phone"),
        ("left_on", "date", "Deactivated on"),
    ),
}  # fmt: skip
"""The vendor's own fields that are read: column, type, label."""

SYSTEM = (
    ("id", "int", "ID"), ("add_time", "datetime", "Created"),
    ("update_time", "datetime", "Update time"), ("is_deleted", "boolean", "Deleted"),
    ("merged_into", "int", "Merged into"),
)  # fmt: skip

OBJECTS = (
    SourceObject(
        "deals", "opportunity", key="id", created="add_time", stamp="update_time",
        gone="is_deleted", into="merged_into",
        history=(
            SourceHistory("deals/changelog", "record", PAST, created="at", key="id",
                          is_dated=False),
        ),
        reads=(
            ("name", "title"), ("amount", "value"), ("currency", "currency"),
            ("stage_id", "stage"), ("close_date", "closes"), ("created_date", "add_time"),
            ("owner_id", "owner_id"), ("account_id", "org_id"), ("contact_id", "person_id"),
            ("loss_reason", "lost_reason"), ("source", "origin"),
        ),
        unstamped=("org_id", "person_id"),
    ),
    SourceObject(
        "persons", "contact", key="id", created="add_time", stamp="update_time",
        gone="is_deleted", into="merged_into",
        reads=(
            ("name", "name"), ("first_name", "first_name"), ("last_name", "last_name"),
            ("email", "email"), ("phone", "phone"), ("job_title", "job_title"),
            ("account_id", "org_id"), ("owner_id", "owner_id"),
        ),
        unstamped=("org_id",),
    ),
    SourceObject(
        "organizations", "account", key="id", created="add_time", stamp="update_time",
        gone="is_deleted", into="merged_into",
        reads=(
            ("name", "name"), ("owner_id", "owner_id"), ("website", "website"),
            ("annual_revenue", "annual_revenue"), ("headcount", "employee_count"),
            ("street", "street"), ("postcode", "postal_code"), ("city", "locality"),
            ("region", "region"), ("country", "country"),
        ),
    ),
    SourceObject(
        "users", "rep", key="id", created="add_time", stamp="update_time", gone="",
        reads=(
            ("name", "name"), ("email", "email"), ("phone", "phone"), ("leave_date", "left_on"),
        ),
        unstamped=("left_on",),
    ),
)  # fmt: skip
"""Children first: what a row refers to was there before it, so it is read after it."""
