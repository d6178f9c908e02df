"""A Pipedrive account as a target: one PATCH a record, compared immediately before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import requests

from perilune.hub.contracts.scopes import MISSING
from perilune.hub.contracts.targets import (
    Lost,
    Made,
    Mark,
    Replied,
    Reply,
    TargetField,
    There,
    Why,
    Write,
)
from perilune.hub.service.sync import comparing
from perilune.hub.service.sync.pipedrive import bodies
from perilune.hub.service.sync.pipedrive.asking import IDS_AT_ONCE, Json
from perilune.hub.service.sync.pipedrive.objects import OWN
from perilune.hub.service.sync.pipedrive.rows import instant
from perilune.hub.service.sync.pipedrive.source import Account
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _

_MISMATCH = "Scope and URL mismatch"
"""What it says to an app that lacks the scope."""

_OVERLAP = timedelta(hours=1)
"""How much earlier than we asked the other clock may say that a record was made."""


class AccountTarget:
    """A Pipedrive account, as `Target` wants it, and `Maker` and `Ender`."""

    at_once = 1  # there is no update of several
    restores, by_hand = True, (30, "Deleted items")

    def __init__(self, account: Account) -> None:
        self._account, self._ask = account, account.asking
        self._taken: dict[str, tuple[TargetField, ...]] = {}
        self._raw: dict[str, Json] = {}

    def takes(self, name: str) -> tuple[TargetField, ...]:
        """Return the fields of an object and which of them can be written."""
        if name not in bodies.TYPES:
            raise NotFound(_("The other system does not show this object."))
        if name not in self._taken:
            types = bodies.TYPES[name]
            found = [
                TargetField(
                    column,
                    types.get(column, of),
                    label,
                    column in types,
                    at_birth=column in types,
                )
                for column, of, label in OWN[name]
            ]
            found += [bodies.own_field(one) for one in self._account.own_fields(name)]
            self._taken[name] = tuple(found)
        return self._taken[name]

    def standing(self, name: str, keys: Sequence[str], fields: Sequence[str]) -> dict[str, There]:
        """Return records as they stand, by key, marked by the second of their last change."""
        told: list[Json] = []
        if len(keys) == 1:
            one = self._ask.record(name, keys[0])
            told += [one] if one is not None else []
        else:
            for start in range(0, len(keys), IDS_AT_ONCE):
                told += self._of_keys(name, keys[start : start + IDS_AT_ONCE])
        self._raw = {str(one["id"]): one for one in told}
        found = {}
        for one, cells in zip(told, self._account.cells(name, told), strict=True):
            stamp = instant(one.get("update_time") or one["add_time"])
            at = datetime.fromisoformat(stamp)
            found[cells["id"]] = There(cells["id"], cells, stamp, at)
        return found

    def _of_keys(self, name: str, keys: Sequence[str]) -> list[Json]:
        told = self._ask.listed(name, "", keys=keys)[0]
        if name == "deals" and len(told) < len(keys):
            told += self._ask.listed("deals/archived", "", keys=keys)[0]
        return [one for one in told if not one.get("is_deleted")]

    def write(self, name: str, writes: Sequence[Write]) -> list[Reply]:
        """Write to records that stand as they were looked at; return what came of each."""
        return [reply for one in writes for reply in comparing.write(self, name, [one])]

    def put(self, name: str, writes: Sequence[Write]) -> requests.Response:
        """Send one write, once."""
        [one] = writes
        body = bodies.body(name, one.values, self._raw[one.key], self._account.own_fields(name))
        return self._ask.sent("PATCH", f"/api/v2/{name}/{one.key}", json=body, is_once=True)

    def came(self, answer: requests.Response, writes: Sequence[Write]) -> list[Reply] | None:
        """Return what came of a write."""
        is_well = answer.status_code < 300
        return [Reply(Replied.WRITTEN) if is_well else comparing.refusal(answer, _whys)]

    # -- making and deleting ---------------------------------------------------------------

    def marks(self, name: str) -> tuple[TargetField, ...]:
        """Return the company's own text fields; Pipedrive has none of which a value is unique."""
        own = {str(one["field_code"]) for one in self._account.own_fields(name)}
        return tuple(o for o in self.takes(name) if o.name in own and o.type == "string")

    def marked(self, name: str, marks: Sequence[Mark], since: datetime | None) -> dict[str, str]:
        """Return the ids of records that carry our ids.

        The search may lag: where an answer was lost, what changed since then is listed as well.
        """
        wanted = {one.text for one in marks}
        told: list[Json] = []
        for mark in marks:
            keys = self._ask.searched(name, mark.text)
            told += self._of_keys(name, keys) if keys else []
        if since is not None:
            wire = self._ask.wire
            skew = wire.told_at - wire.read_at if wire.told_at and wire.read_at else timedelta()
            began = since + skew - _OVERLAP
            told += self._ask.changed(name, began.strftime("%Y-%m-%dT%H:%M:%SZ"))
        found: dict[str, str] = {}
        for one in told:
            text = str((one.get("custom_fields") or {}).get(marks[0].field) or "")
            if text in wanted and not one.get("is_deleted"):
                found.setdefault(text, str(one["id"]))
        return found

    def make(self, name: str, mark: Mark, values: Mapping[str, str]) -> Made:
        """Make a record, asked for once: nothing there keeps it from being made twice."""
        given = {**values, mark.field: mark.text}
        body = bodies.body(name, given, {}, self._account.own_fields(name))
        try:
            answer = self._ask.sent("POST", f"/api/v2/{name}", json=body, is_once=True)
        except Lost:
            return Made(Reply(Replied.DOUBTFUL))
        if answer.status_code < 300:
            return Made(Reply(Replied.WRITTEN), str(answer.json()["data"]["id"]))
        if answer.status_code == 429:
            return Made(Reply(Replied.BUSY))
        return Made(comparing.refusal(answer, _whys))

    def end(self, name: str, key: str) -> Reply:
        """Delete a record: for thirty days it can be brought back."""
        answer = self._ask.sent("DELETE", f"/api/v2/{name}/{key}")
        is_well = answer.status_code < 300
        return Reply(Replied.WRITTEN) if is_well else comparing.refusal(answer, _whys)

    def restore(self, name: str, key: str) -> Reply:
        """Bring a deleted record back."""
        answer = self._ask.sent("PATCH", f"/api/v2/{name}/{key}", json={"is_deleted": False})
        is_well = answer.status_code < 300
        return Reply(Replied.WRITTEN) if is_well else comparing.refusal(answer, _whys)


def _whys(told: Mapping[str, Any]) -> Iterator[Why]:
    """Give what the account says: it names no fields, but in words."""
    text = str(told.get("error") or "")[:500]
    code = MISSING if text.startswith(_MISMATCH) else str(told.get("errorCode") or "")[:80]
    yield Why("", code, text)
