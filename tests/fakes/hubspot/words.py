"""How the fake account words records and refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from tests.fakes.common import Answer, answered
from tests.fakes.hubspot.portal import PLAIN, PRIMARY, Record

if TYPE_CHECKING:
    from tests.fakes.hubspot.server import Serving

Json = dict[str, Any]


def refused(status: int, category: str, message: str, errors: list[Json] | None = None) -> Answer:
    """Return an error in HubSpot's shape."""
    body: Json = {
        "status": "error", "message": message, "category": category, "correlationId": "0",
    }  # fmt: skip
    return answered(body | ({"errors": errors} if errors else {}), status)


def told(
    serving: Serving, kind: str, one: Record, names: Iterable[str] = (),
    past: Iterable[str] = (), near: Iterable[str] = (),
) -> Json:  # fmt: skip
    """Return a record as HubSpot writes it: unknown properties are left out without a word."""
    known = serving.portal.properties[kind]
    stamp, born = _system(kind, known)
    system = {"hs_object_id": one.id, born: one.created, stamp: one.updated}
    values = one.properties | system
    found: Json = {
        "id": one.id, "createdAt": one.created, "updatedAt": one.updated,
        "archived": bool(one.archived_at),
        "properties": {
            name: values.get(name) for name in (*system, *names, *past) if name in known
        },
    }  # fmt: skip
    if one.archived_at:
        found["archivedAt"] = one.archived_at
    if past:
        found["propertiesWithHistory"] = {
            name: _versions(one, name) for name in past if name in known
        }
    for to in near:
        links = serving.portal.links.get((kind, to), {}).get(one.id, {})
        if links:
            results = [
                {"id": other, "type": _type_name(kind, to, number)}
                for other, numbers in links.items()
                for number in sorted(numbers)
            ]
            found.setdefault("associations", {})[to] = {"results": results}
    return found


def value_of(serving: Serving, kind: str, name: str) -> Callable[[Record], str | None]:
    """Return what gives a property of records, as they are told."""
    known = serving.portal.properties[kind]
    stamp, born = _system(kind, known)
    if name not in known:
        return lambda _one: None
    system: dict[str, Callable[[Record], str | None]] = {
        "hs_object_id": lambda one: one.id, born: lambda one: one.created,
        stamp: lambda one: one.updated,
    }  # fmt: skip
    return system.get(name, lambda one: one.properties.get(name))


def _system(kind: str, known: Iterable[str]) -> tuple[str, str]:
    return (
        "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate",
        "createdate" if "createdate" in known else "hs_createdate",
    )


def _versions(one: Record, name: str) -> list[Json]:
    """Return the versions of a property, newest first."""
    if name == "createdate":
        return [{"value": one.created, "timestamp": one.created, "sourceType": "CRM_UI"}]
    found = sorted(one.versions.get(name, ()), key=lambda version: version[0])
    return [
        {"value": value or "", "timestamp": at, "sourceType": "CRM_UI", "sourceId": "userId:1"}
        for at, value in reversed(found)
    ]


def _type_name(kind: str, to: str, number: int) -> str:
    of, other = (
        kind.removesuffix("s"),
        {"companies": "company"}.get(to, to.removesuffix("s")),
    )
    name = f"{of}_to_{other}"
    is_plain = (kind, to) in PRIMARY and number == PLAIN[kind, to]
    return f"{name}_unlabeled" if is_plain else name
