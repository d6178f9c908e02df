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
from perilune.hub.contracts.targets import (
    Made,
    Mark,
    Replied,
    Reply,
    TargetField,
    There,
    Why,
    Write,
)
from perilune.hub.service.sync.salesforce import Org
from perilune.hub.service.sync.salesforce_soap import undelete
from perilune.kernel.errors import NotFound, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

_NUMBERS = frozenset({"currency", "double", "percent"})
_GONE = frozenset({"ENTITY_IS_DELETED", "NOT_FOUND"})
_CHANGED = "LastModifiedDate"


class OrgTarget:
    """A Salesforce org, as `Target` wants it, and `Maker` and `Ender`."""

    at_once = 1  # a precondition goes with each
    restores, by_hand = True, (15, "Recycle Bin")

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

    # -- making and deleting ---------------------------------------------------------------

    def marks(self, name: str) -> tuple[TargetField, ...]:
        """Return the external-id fields of an object that take a text."""
        return tuple(
            one for one in self.takes(name) if one.is_key and one.at_birth and one.type == "string"
        )

    def marked(self, name: str, marks: Sequence[Mark], since: datetime | None) -> dict[str, str]:
        """Return the ids of records that carry our ids, by our id."""
        if not marks:
            return {}
        field = marks[0].field
        ask = Ask(name, ("Id", field), keys=tuple(one.text for one in marks), keys_by=field)
        found: dict[str, str] = {}
        page = self._org.page(ask, "")
        while True:
            found |= {text: key for key, text in page.rows}
            if not page.token:
                return found
            page = self._org.page(ask, page.token)

    def make(self, name: str, mark: Mark, values: Mapping[str, str]) -> Made:
        """Make a record by its external id: a repeated request finds it again."""
        types = {field.name: field.type for field in self.takes(name)}
        body = {column: _typed(types[column], text) for column, text in values.items()}
        where = f"sobjects/{name}/{mark.field}/{quote(mark.text, safe='')}"
        answer = self._asked("PATCH", where, json=body)
        reply = _reply(answer)
        is_made = reply.what is Replied.WRITTEN
        return Made(reply, str(answer.json()["id"]) if is_made else "")

    def end(self, name: str, key: str) -> Reply:
        """Put a record into the recycle bin."""
        return _reply(self._asked("DELETE", f"sobjects/{name}/{quote(key, safe='')}"))

    def restore(self, name: str, key: str) -> Reply:
        """Take a record out of the recycle bin: by SOAP, for REST has no word for it."""
        return undelete(self._org, key)

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
        bool(one.get("createable", one.get("updateable"))) and not one.get("calculated"),
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
