"""Objects of HubSpot beside deals, contacts and companies, and columns made of their properties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from perilune.hub.contracts.sync import SourceObject


@dataclass(frozen=True)
class Made:
    """A column that HubSpot does not have: its value out of some properties, as texts."""

    label: str
    type: str
    of: tuple[str, ...]
    value: Callable[..., str]


@dataclass(frozen=True)
class Shape:
    """What HubSpot calls things of one object.

    stamp, created: the properties of the last change and the creation, as they are searched for.
    links: our column -> the object that is associated. made: our column -> what it is made of.
    is_more: whether an account may lack it, so that it is looked for. worded: the one of `made`
    that is told by the id of a stage and read by its words. of: HubSpot's object, where ours is a
    part of it: the records that are associated with one of `links`. leaves: of the object that
    such a part is taken from, what its records are associated with.
    """

    stamp: str = "hs_lastmodifieddate"
    links: Mapping[str, str] = field(default_factory=dict)
    created: str = "createdate"
    made: Mapping[str, Made] = field(default_factory=dict)
    is_more: bool = False
    worded: str = ""
    of: str = ""
    leaves: str = ""


STAGE = "hs_pipeline_stage"
_COMPANY, _CONTACT, _DEAL = (
    {"associatedCompany": "companies"}, {"associatedContact": "contacts"},
    {"associatedDeal": "deals"},
)  # fmt: skip
_QUOTE = {"associatedQuote": "quotes"}
_WORDS = {"stageLabel": Made("Stage", "enumeration", (STAGE,), lambda stage: stage)}
_NEAR = {**_COMPANY, **_CONTACT, **_DEAL}


def _minutes(ms: str) -> str:
    return f"{float(ms) / 60_000:.2f}" if ms else ""


def _between(first: str, last: str) -> str:
    if not (first and last):
        return ""
    spent = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return f"{spent.total_seconds() / 60:.2f}"


def _direction(text: str) -> str:
    return {"INBOUND": "in", "OUTBOUND": "out", "INCOMING_EMAIL": "in", "EMAIL": "out",
            "FORWARDED_EMAIL": "out"}.get(text, "")  # fmt: skip


def _is_done(status: str) -> str:
    return "true" if status == "COMPLETED" else "false"


def _first_day(at: str) -> str:
    return at[:10]


def _last_day(at: str) -> str:
    """Return the last day of a span; where it ends at midnight, the day before."""
    return (datetime.fromisoformat(at) - timedelta(seconds=1)).date().isoformat() if at else ""


def _revenue(amount: str, owner: str, *facts: str) -> str:
    """Return what a person's goal of won revenue in all pipelines is; of any other goal nothing."""
    return amount if owner and facts == ("sales_quota", "SUM", "0-3", "currency", "") else ""


def _kind(name: str) -> dict[str, Made]:
    return {"activityKind": Made("Kind of activity", "string", (), lambda: name)}


def _activity(**made: Made) -> Shape:
    return Shape(links=_NEAR, created="hs_createdate", made=made, is_more=True)


SHAPES = {
    "line_items": Shape(links=_DEAL, is_more=True, leaves="quotes"),
    "quote_line_items": Shape(links=_QUOTE, is_more=True, of="line_items"),
    "quotes": Shape(links={**_DEAL, **_COMPANY}, created="hs_createdate", is_more=True),
    "products": Shape(is_more=True),
    "goal_targets": Shape(
        created="hs_createdate", is_more=True,
        made={
            "revenueAmount": Made(
                "Goal of revenue", "number",
                ("hs_target_amount", "hubspot_owner_id", "hs_goal_type", "hs_kpi_metric_type",
                 "hs_kpi_object_type_id", "hs_kpi_unit_type", "hs_pipeline_ids"), _revenue,
            ),
            "firstDay": Made("First day", "date", ("hs_start_datetime",), _first_day),
            "lastDay": Made("Last day", "date", ("hs_end_datetime",), _last_day),
        },
    ),
    "leads": Shape(
        links={**_COMPANY, **_CONTACT}, created="hs_createdate", is_more=True,
        made=_WORDS, worded="stageLabel",
    ),
    "tickets": Shape(
        links={**_COMPANY, **_CONTACT}, is_more=True, worded="stageLabel",
        made={
            **_WORDS,
            "subjectOrId": Made("Ticket name, or ID", "string", ("subject", "hs_object_id"),
                                lambda subject, key: subject or key),
        },
    ),
    "calls": _activity(
        **_kind("call"), minutes=Made("Minutes", "number", ("hs_call_duration",), _minutes),
        direction=Made("Direction", "string", ("hs_call_direction",), _direction),
        isDone=Made("Done", "bool", ("hs_call_status",), _is_done),
    ),
    "emails": _activity(
        **_kind("email"),
        direction=Made("Direction", "string", ("hs_email_direction",), _direction),
    ),
    "meetings": _activity(
        **_kind("meeting"),
        minutes=Made(
            "Minutes", "number", ("hs_meeting_start_time", "hs_meeting_end_time"), _between
        ),
    ),
    "tasks": _activity(
        **_kind("task"), isDone=Made("Done", "bool", ("hs_task_status",), _is_done)
    ),
}  # fmt: skip

_LINKED = {
    "associatedCompany": "account_id", "associatedContact": "contact_id",
    "associatedDeal": "opportunity_id", "associatedQuote": "quote_id",
}  # fmt: skip


def _object(name: str, kind: str, *reads: tuple[str, str]) -> SourceObject:
    shape = SHAPES[name]
    links = tuple(shape.links)
    return SourceObject(
        name, kind, key="id", created="createdAt", stamp="updatedAt", gone="archived",
        into="mergedInto", lags=True, unstamped=(*links, *filter(None, (shape.worded,))),
        reads=(*reads, *((_LINKED[column], column) for column in links)),
    )  # fmt: skip


def _done(name: str, subject: str, *reads: tuple[str, str]) -> SourceObject:
    return _object(
        name, "activity", ("subject", subject), ("type", "activityKind"),
        ("owner_id", "hubspot_owner_id"), *reads,
    )  # fmt: skip


FIRST = (
    _object(
        "line_items", "opportunity_line", ("product_id", "hs_product_id"), ("quantity", "quantity"),
        ("unit_price", "price"), ("amount", "amount"), ("currency", "hs_line_item_currency_code"),
    ),
    _object(
        "quote_line_items", "quote_line", ("product_id", "hs_product_id"),
        ("quantity", "quantity"), ("unit_price", "price"), ("discount", "hs_discount_percentage"),
        ("total", "amount"), ("currency", "hs_line_item_currency_code"),
    ),
    _object(
        "quotes", "quote", ("name", "hs_title"), ("number", "hs_quote_number"),
        ("status", "hs_status"), ("expiry_date", "hs_expiration_date"),
        ("total", "hs_quote_amount"), ("currency", "hs_currency"),
    ),
    _done(
        "calls", "hs_call_title", ("starts_at", "hs_timestamp"), ("minutes", "minutes"),
        ("direction", "direction"), ("is_done", "isDone"), ("notes", "hs_call_body"),
    ),
    _done(
        "emails", "hs_email_subject", ("starts_at", "hs_timestamp"), ("direction", "direction"),
        ("notes", "hs_email_text"),
    ),
    _done(
        "meetings", "hs_meeting_title", ("starts_at", "hs_meeting_start_time"),
        ("minutes", "minutes"), ("outcome", "hs_meeting_outcome"), ("notes", "hs_meeting_body"),
    ),
    _done(
        "tasks", "hs_task_subject", ("starts_at", "hs_timestamp"), ("is_done", "isDone"),
        ("notes", "hs_task_body"),
    ),
    _object(
        "tickets", "case", ("subject", "subjectOrId"), ("owner_id", "hubspot_owner_id"),
        ("status", "stageLabel"), ("priority", "hs_ticket_priority"),
        ("category", "hs_ticket_category"), ("opened_at", "createdAt"),
        ("closed_at", "closed_date"),
    ),
    _object(
        "leads", "lead", ("name", "hs_lead_name"), ("status", "stageLabel"),
        ("owner_id", "hubspot_owner_id"), ("created_date", "createdAt"),
    ),
)  # fmt: skip
"""What refers to deals and contacts: read before them."""

LAST = (
    replace(
        _object(
            "goal_targets", "quota", ("rep_id", "hubspot_owner_id"), ("starts", "firstDay"),
            ("ends", "lastDay"), ("amount", "revenueAmount"),
            ("currency", "hs_goal_target_currency_code"),
        ),
        is_asked=True,
    ),
    _object(
        "products", "product", ("name", "name"), ("code", "hs_sku"), ("list_price", "price"),
        ("family", "hs_product_type"),
    ),
)  # fmt: skip
