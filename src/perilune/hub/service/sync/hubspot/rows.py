"""Records of HubSpot as rows of texts, one column each; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from perilune.history.contracts import from_us
from perilune.hub.contracts.sync import Ask
from perilune.hub.service.sync.hubspot.asking import Json
from perilune.hub.service.sync.hubspot.more import Shape
from perilune.hub.service.sync.hubspot.objects import MERGED, SHAPES
from perilune.hub.service.sync.landing import mixed, us_of

Near = Mapping[str, Sequence[Json]]
"""What a record is associated with, by object."""

OWN = ("id", "createdAt", "updatedAt", "archived", "mergedInto")
LABELS = {
    "id": ("id", "Record ID"), "createdAt": ("datetime", "Create Date"),
    "updatedAt": ("datetime", "Last Modified Date"), "archived": ("boolean", "Archived"),
    "mergedInto": ("id", "Merged into"), "associatedCompany": ("id", "Primary company"),
    "associatedContact": ("id", "First contact"), "associatedDeal": ("id", "First deal"),
    "associatedQuote": ("id", "First quote"), "name": ("string", "Name"),
    "email": ("string", "Email"), "team": ("string", "Team"), "archivedOn": ("date", "Archived on"),
}  # fmt: skip
OWNER = ("id", "createdAt", "updatedAt", "name", "email", "team", "archivedOn")
CAMPAIGN = {
    "hs_name": ("string", "Campaign name"), "hs_campaign_status": ("enumeration", "Status"),
    "hs_start_date": ("date", "Start date"), "hs_end_date": ("date", "End date"),
    "hs_budget_items_sum_amount": ("number", "Budget total"),
    "hs_currency_code": ("string", "Currency"), "hs_owner": ("enumeration", "Owner"),
}  # fmt: skip
"""The properties of campaigns that are read: the API of properties does not tell them."""
_PRIMARY = frozenset({"deal_to_company", "contact_to_company", "ticket_to_company"})
_PRIMARY_IDS = frozenset({1, 5, 26})
"""The kinds of association that mark a record's primary company, by name (v3) and id (v4)."""


def named(name: str, ask: Ask) -> list[str]:
    """Return the properties that a question needs; merges are told by one."""
    shape = SHAPES[name]
    own = {*OWN, *shape.links, *shape.made}
    found = [column for column in ask.columns if column not in own]
    wanted = {*ask.columns, shape.worded}
    made = [part for n, one in shape.made.items() if n in wanted for part in one.of]
    found = list(dict.fromkeys([*found, *made]))
    return [*found, MERGED] if ask.with_gone and MERGED not in found else found


def place_of(one: Json) -> int:
    """Return where a pipeline or a stage stands."""
    return int(one.get("displayOrder") or 0)


def after_of(told: Json) -> str:
    """Return where the next page begins, "" at the end."""
    return str(((told.get("paging") or {}).get("next") or {}).get("after") or "")


def then(way: str, after: str, ask: Ask) -> str:
    """Return the token of what comes next: more of the same, then the archived records."""
    if after:
        return f"{way}:{after}"
    return "gone:" if ask.with_gone else ""


def text_of(value: Any) -> str:
    """Return a value as text, blank for nothing."""
    return "" if value is None else str(value)


def merged(one: Json) -> list[str]:
    """Return the ids that live on in a record."""
    told = (one.get("properties") or {}).get(MERGED) or ""
    return [key for key in str(told).split(";") if key and key != str(one["id"])]


def first_of(near: Iterable[Json]) -> str:
    """Return the primary one of what a record is associated with, or the one of the least id."""
    best: dict[str, bool] = {}
    for one in near:
        key = str(one.get("toObjectId") or one.get("id"))
        kinds = {one.get("type")} | {k.get("typeId") for k in one.get("associationTypes", ())}
        best[key] = best.get(key, False) or bool(kinds & (_PRIMARY | _PRIMARY_IDS))
    return min(best, key=lambda key: (not best[key], int(key)), default="")


def is_ours(shape: Shape, near: Near) -> bool:
    """Tell whether a record is of an object of ours, by what it is associated with.

    What belongs to nothing stays with the object that the part is taken from.
    """
    is_linked = any(near.get(to) for to in shape.links.values())
    return is_linked if shape.of else is_linked or not near.get(shape.leaves)


def gone_row(one: Json, ask: Ask) -> list[str]:
    """Return an archived record as a row."""
    cells = {
        "id": str(one["id"]), "createdAt": str(one["createdAt"]), "archived": "true",
        "updatedAt": str(one.get("archivedAt") or one["updatedAt"]),
    }  # fmt: skip
    return [cells.get(column, "") for column in ask.columns]


def archived_at(one: Json) -> datetime:
    """Return when a record was archived."""
    return from_us(us_of(str(one.get("archivedAt") or one["updatedAt"])))


def versions(one: Json, names: Sequence[str]) -> list[list[str]]:
    """Return the versions of a record's properties, oldest first, each with the one before it."""
    key, rows = str(one["id"]), []
    for name in names:
        told = (one.get("propertiesWithHistory") or {}).get(name) or ()
        before = ""
        versions = sorted(reversed(told), key=lambda v: us_of(str(v["timestamp"])))
        for number, version in enumerate(versions):
            value = text_of(version.get("value"))
            if value != before:
                at = str(version["timestamp"])
                rows.append([f"{key}/{name}/{number}", key, at, name, before, value])
            before = value
    return rows


def owner_row(one: Json) -> dict[str, str]:
    """Return an owner's cells by column; one that was archived has left."""
    name = " ".join(str(one.get(part) or "") for part in ("firstName", "lastName")).strip()
    teams = sorted(one.get("teams") or (), key=lambda team: not team.get("primary"))
    team = str(teams[0]["name"]) if teams else ""
    left = str(one["updatedAt"])[:10] if one.get("archived") else ""
    return {
        "id": str(one["id"]), "createdAt": str(one["createdAt"]), "name": name or _email(one),
        "email": _email(one), "team": team, "archivedOn": left,
        "updatedAt": mixed(str(one["updatedAt"]), (team, left)),
    }  # fmt: skip


def campaign_row(one: Json) -> dict[str, str]:
    """Return a campaign's cells by column; what is budgeted for it may change without a stamp."""
    told = one.get("properties") or {}
    cells = {name: text_of(told.get(name)) for name in CAMPAIGN}
    stamp = mixed(str(one["updatedAt"]), (cells["hs_budget_items_sum_amount"],))
    return cells | {"id": str(one["id"]), "createdAt": str(one["createdAt"]), "updatedAt": stamp}


def _email(one: Json) -> str:
    return str(one.get("email") or "")


def instant(text: str) -> datetime:
    """Return an instant that is written as ISO."""
    return datetime.fromisoformat(text)


def ms(at: datetime) -> str:
    """Return an instant as a search compares it: milliseconds."""
    return str(int(at.timestamp() * 1_000))


def between(name: str, born: Sequence[datetime]) -> list[Json]:
    """Return the filters of a span of time, without its end."""
    return [
        {"propertyName": name, "operator": "GTE", "value": ms(born[0])},
        {"propertyName": name, "operator": "LT", "value": ms(born[1])},
    ]
