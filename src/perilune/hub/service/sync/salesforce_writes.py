"""Salesforce as a target: records changed field by field, unless they changed since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote

import requests

from perilune.hub.contracts.sync import Ask
from perilune.hub.contracts.targets import Replied, Reply, TargetField, There, Why, Write
from perilune.hub.service.sync.salesforce import Org
from perilune.kernel.errors import NotFound, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

_NUMBERS = frozenset({"currency", "double", "percent"})
_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
_CHANGED = "LastModifiedDate"


class OrgTarget:
    """A Salesforce org, as `Target` wants it."""

    at_once = 1  # a precondition goes with each

    def __init__(self, org: Org) -> None:
        self._org = org
        self._taken: dict[str, tuple[TargetField, ...]] = {}

    def takes(self, name: str) -> tuple[TargetField, ...]:
        """Return the fields of an object and which of them can be written."""
        if name not in self._taken:
            answer = self._asked("GET", f"sobjects/{name}/describe")
            if answer.status_code == 404:
                raise NotFound(_("The other system does not show this object."))
            if answer.status_code != 200:
                raise Unavailable(_("An answer of the other system cannot be read."))
            self._taken[name] = tuple(_field(one) for one in answer.json()["fields"])
        return self._taken[name]

    def standing(self, name: str, keys: Sequence[str], fields: Sequence[str]) -> dict[str, There]:
        """Return records as they stand, by key, marked by the second of their last change."""
        columns = tuple(dict.fromkeys(("Id", _CHANGED, *fields)))
        ask = Ask(name, columns, keys=tuple(keys))
        found: dict[str, There] = {}
        token = ""
        while True:
            page = self._org.page(ask, token)
            now = self._org.wire.told_at
            for row in page.rows:
                there = dict(zip(columns, row, strict=True))
                changed = datetime.fromisoformat(there[_CHANGED]).astimezone(UTC)
                mark = format_datetime(changed.replace(microsecond=0), usegmt=True)
                is_settled = now is None or changed < now
                found[there["Id"]] = There(there["Id"], there, mark, changed, is_settled)
            if not page.token:
                return found
            token = page.token

    def write(self, name: str, writes: Sequence[Write]) -> list[Reply]:
        """Write to records one by one, each unless it was changed since its mark."""
        return [self._write(name, one) for one in writes]

    def _write(self, name: str, one: Write) -> Reply:
        types = {field.name: field.type for field in self.takes(name)}
        body = {column: _typed(types[column], text) for column, text in one.values.items()}
        where = f"sobjects/{name}/{quote(one.key, safe='')}"
        if one.by is not None:
            where = f"sobjects/{name}/{one.by[0]}/{quote(one.by[1], safe='')}?updateOnly=true"
        waits = self._org.wire.waits
        answer = self._asked("PATCH", where, json=body, headers={"If-Unmodified-Since": one.mark})
        reply = _reply(answer)
        was_repeated = self._org.wire.waits > waits
        if reply.what is Replied.MOVED and was_repeated:
            return Reply(Replied.DOUBTFUL)
        return reply

    def _asked(self, verb: str, where: str, **options: Any) -> requests.Response:
        answer = self._org.wire.request(verb, f"{self._org.client.base_url}{where}", **options)
        if answer.status_code == 401:
            raise Refused(_("Access was taken back at the other system. Connect again."))
        return answer


def _field(one: Mapping[str, Any]) -> TargetField:
    picked = one.get("picklistValues") or ()
    return TargetField(
        str(one["name"]),
        str(one["type"]),
        str(one.get("label") or one["name"]),
        bool(one.get("updateable")) and not one.get("calculated"),
        bool(one.get("externalId")),
        tuple(str(value["value"]) for value in picked if value.get("active", True)),
    )


def _typed(kind: str, text: str) -> Any:
    """Return a text as JSON of the field's type; nothing for an empty one."""
    if kind == "boolean":
        return text == "true"
    if not text:
        return None
    if kind == "int":
        return int(Decimal(text))
    if kind in _NUMBERS:
        return float(text)
    return text


def _reply(answer: requests.Response) -> Reply:
    status = answer.status_code
    if status < 300:
        return Reply(Replied.WRITTEN)
    if status == 300:
        return Reply(Replied.REFUSED, (Why("", "ambiguous", ""),))
    if status == 412:
        return Reply(Replied.MOVED)
    whys = _whys(answer)
    codes = {why.code for why in whys}
    if status == 404 or codes & _GONE:
        return Reply(Replied.GONE, whys)
    if "UNABLE_TO_LOCK_ROW" in codes:
        return Reply(Replied.BUSY, whys)
    return Reply(Replied.REFUSED, whys)


def _whys(answer: requests.Response) -> tuple[Why, ...]:
    """Return what the org says: an error for each field that it names, else one of the record."""
    try:
        told = answer.json()
    except ValueError:
        return (Why("", str(answer.status_code), answer.text[:200]),)
    found = []
    for one in told if isinstance(told, list) else [told]:
        code, text = str(one.get("errorCode", ""))[:80], str(one.get("message", ""))[:500]
        found += [Why(str(name), code, text) for name in one.get("fields") or ("",)]
    return tuple(found)
