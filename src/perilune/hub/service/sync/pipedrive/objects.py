"""The objects of a Pipedrive account, and how their own fields are read."""

from __future__ import annotations

from perilune.hub.contracts.sync import By, SourceHistory, SourceObject

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
    "activities": (
        ("subject", "varchar", "Subject"), ("kind", "varchar", "Type"),
        ("owner_id", "user", "Owner"), ("deal_id", "deal", "Deal"),
        ("person_id", "people", "Contact person"), ("org_id", "org", "Organization"),
        ("lead_id", "lead", "Lead"), ("starts", "datetime", "Due date and time"),
        ("minutes", "double", "Minutes"), ("done", "boolean", "Done"), ("note", "text", "Note"),
    ),
    "leads": (
        ("title", "varchar", "Title"), ("owner_id", "user", "Owner"),
        ("person_id", "people", "Contact person"), ("organization_id", "org", "Organization"),
        ("source_name", "varchar", "Source"), ("state", "varchar", "State"),
    ),
    "dealProducts": (
        ("deal_id", "deal", "Deal"), ("product_id", "product", "Product"),
        ("quantity", "double", "Quantity"), ("item_price", "double", "Price"),
        ("sum", "monetary", "Amount"), ("currency", "varchar", "Currency"),
    ),
    "goals": (
        ("title", "varchar", "Title"), ("rep_id", "user", "Assignee"),
        ("starts", "date", "First day"), ("ends", "date", "Last day"),
        ("amount", "double", "Goal of revenue"), ("currency", "varchar", "Currency"),
    ),
    "products": (
        ("name", "varchar", "Name"), ("code", "varchar", "Code"), ("price", "double", "Price"),
        ("currency", "varchar", "Currency"),
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
        "dealProducts", "opportunity_line", key="id", created="add_time", stamp="update_time",
        gone="", asks_since=False, ends_unlisted=True,
        reads=(
            ("opportunity_id", "deal_id"), ("product_id", "product_id"), ("quantity", "quantity"),
            ("unit_price", "item_price"), ("amount", "sum"), ("currency", "currency"),
        ),
    ),
    SourceObject(
        "activities", "activity", key="id", created="add_time", stamp="update_time",
        gone="is_deleted", into="merged_into",
        reads=(
            ("subject", "subject"), ("type", "kind"), ("owner_id", "owner_id"),
            ("opportunity_id", "deal_id"), ("contact_id", "person_id"), ("account_id", "org_id"),
            ("lead_id", "lead_id"), ("starts_at", "starts"), ("minutes", "minutes"),
            ("is_done", "done"), ("notes", "note"),
        ),
        unstamped=("deal_id", "person_id", "org_id", "lead_id"),
    ),
    SourceObject(
        "leads", "lead", key="id", created="add_time", stamp="update_time", gone="",
        asks_since=False, ends_unlisted=True,
        reads=(
            ("name", "title"), ("owner_id", "owner_id"), ("contact_id", "person_id"),
            ("account_id", "organization_id"), ("source", "source_name"), ("status", "state"),
            ("created_date", "add_time"),
        ),
        unstamped=("person_id", "organization_id"),
    ),
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
    SourceObject(  # nothing tells when a goal was made or changed
        "goals", "quota", key="id", created="add_time", stamp="update_time", gone="",
        asks_since=False, ends_unlisted=True, by=By.VALUES, dated=("", ""), is_asked=True,
        reads=(
            ("rep_id", "rep_id"), ("starts", "starts"), ("ends", "ends"), ("amount", "amount"),
            ("currency", "currency"),
        ),
    ),
    SourceObject(
        "products", "product", key="id", created="add_time", stamp="update_time", gone="",
        asks_since=False, ends_unlisted=True,
        reads=(
            ("name", "name"), ("code", "code"), ("list_price", "price"), ("currency", "currency"),
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
