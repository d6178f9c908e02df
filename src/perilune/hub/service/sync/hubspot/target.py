"""A HubSpot account as a target: properties written by the hundred, compared immediately before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

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
from perilune.hub.service.sync.hubspot.asking import Json
from perilune.hub.service.sync.hubspot.more import STAGE
from perilune.hub.service.sync.hubspot.objects import SHAPES
from perilune.hub.service.sync.hubspot.rows import LABELS, text_of
from perilune.hub.service.sync.hubspot.source import KEYS, Portal
from perilune.hub.service.sync.landing import us_of
from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _

_TYPES = {
    "number": "double", "enumeration": "picklist", "datetime": "day_or_instant", "bool": "boolean",
}  # fmt: skip
_REFERENCES = frozenset({"hubspot_owner_id", "hs_parent_company_id"})
_READ_ONLY = frozenset({"hs_object_id", "createdate", "hs_merged_object_ids", "pipeline"})
_LINKS = {
    ("deals", "companies"): 5, ("contacts", "companies"): 1, ("deals", "contacts"): 3,
}  # fmt: skip
"""The associations of a new record: of its primary company, of a contact of its deal."""

_SEVERAL = frozenset({"checkbox"})
"""Fields of several values at once, which ours are not."""


class PortalTarget:
    """A HubSpot account, as `Target` wants it, and `Maker` and `Ender`."""

    at_once = 100
    restores, by_hand = False, (90, "Restore records")

    def __init__(self, portal: Portal) -> None:
        self._portal, self._ask = portal, portal.asking
        self._taken: dict[str, tuple[TargetField, ...]] = {}
        self._pipelines: dict[str, str] = {}

    def takes(self, name: str) -> tuple[TargetField, ...]:
        """Return the properties of an object and which of them can be written."""
        if name not in SHAPES:
            raise NotFound(_("The other system does not show this object."))
        if SHAPES[name].of:  # read out of another object, and written nowhere
            return ()
        if name not in self._taken:
            found = [self._worded(name, _field(one)) for one in self._ask.properties(name)]
            found += [
                TargetField(one, "reference", LABELS[one][1], False, at_birth=True)
                for one in SHAPES[name].links
            ]
            self._taken[name] = tuple(found)
        return self._taken[name]

    def _worded(self, name: str, field: TargetField) -> TargetField:
        """Return a field as it is read here: a stage by its words, where they mean one stage."""
        worded = SHAPES[name].worded
        if field.name != STAGE or not worded:
            return field
        return replace(field, name=worded, type="picklist", choices=tuple(self._stages(name)))

    def _stages(self, name: str) -> dict[str, str]:
        """Return the ids of an object's stages by their words, without words of several."""
        words = self._portal.stage_words(name) if SHAPES[name].worded else {}
        count = Counter(words.values())
        return {word: key for key, word in words.items() if count[word] == 1}

    def _sent(self, name: str, values: Mapping[str, str]) -> dict[str, str]:
        """Return values by HubSpot's names, a stage by its id."""
        worded, ids = SHAPES[name].worded, self._stages(name)
        return {
            STAGE if column == worded else column: ids.get(text, text) if column == worded else text
            for column, text in values.items()
        }

    def _read_as(self, name: str, told: Mapping[str, Any]) -> dict[str, str]:
        """Return values by the names that they are read by, a stage by its words."""
        worded = SHAPES[name].worded
        values = {column: text_of(value) for column, value in told.items()}
        if worded and STAGE in values:
            stage = values.pop(STAGE)
            values[worded] = self._portal.stage_words(name).get(stage, stage)
        return values

    def standing(self, name: str, keys: Sequence[str], fields: Sequence[str]) -> dict[str, There]:
        """Return records as they stand, by key, marked by the millisecond of their last change."""
        wanted, found = {*keys}, {}
        columns = list(self._sent(name, dict.fromkeys(fields, "")))
        for start in range(0, len(keys), KEYS):
            for one in self._ask.read(name, columns, keys[start : start + KEYS]):
                key, stamp = str(one["id"]), str(one["updatedAt"])
                if key in wanted:  # what it was merged into has an id of its own
                    values = self._read_as(name, one["properties"]) | {"id": key}
                    found[key] = There(key, values, stamp, datetime.fromisoformat(stamp))
        return found

    def write(self, name: str, writes: Sequence[Write]) -> list[Reply]:
        """Write to records that stand as they were looked at; return what came of each."""
        return comparing.write(self, name, writes)

    def put(self, name: str, writes: Sequence[Write]) -> requests.Response:
        """Send one write, once: of a record, or of several together."""
        path = f"/crm/v3/objects/{name}"
        if len(writes) == 1:
            [one] = writes
            key, by = (one.key, {}) if one.by is None else (one.by[1], {"idProperty": one.by[0]})
            return self._ask.sent(
                "PATCH", f"{path}/{quote(key, safe='')}", params=by, is_once=True,
                json={"properties": self._sent(name, one.values)},
            )  # fmt: skip
        body = {"inputs": [_input(one, self._sent(name, one.values)) for one in writes]}
        return self._ask.sent("POST", f"{path}/batch/update", json=body, is_once=True)

    def came(self, answer: requests.Response, writes: Sequence[Write]) -> list[Reply] | None:
        """Return what came of each write; None where all were refused for the sake of some."""
        if len(writes) == 1:
            is_well = answer.status_code < 300
            return [Reply(Replied.WRITTEN) if is_well else comparing.refusal(answer, _whys)]
        if answer.status_code >= 300:
            return None
        told = answer.json()
        wrote = {str(one["id"]) for one in told.get("results", ())}
        if answer.status_code == 207 and not wrote:
            return None
        refused: dict[str, list[Why]] = {}
        for error in told.get("errors") or ():
            for key in (error.get("context") or {}).get("ids", ()):
                refused.setdefault(str(key), []).extend(_whys(error))
        return [_reply(one.key, wrote, refused) for one in writes]

    # -- making and deleting ---------------------------------------------------------------

    def marks(self, name: str) -> tuple[TargetField, ...]:
        """Return the properties of an object of which no two records may have the same value."""
        return tuple(one for one in self.takes(name) if one.is_key and one.type == "string")

    def marked(self, name: str, marks: Sequence[Mark], since: datetime | None) -> dict[str, str]:
        """Return the ids of records that carry our ids: by a unique value, not by the index."""
        found: dict[str, str] = {}
        for start in range(0, len(marks), KEYS):
            some = marks[start : start + KEYS]
            by, texts = some[0].field, [one.text for one in some]
            for one in self._ask.read(name, (by,), texts, by=by):
                found[text_of(one["properties"].get(by))] = str(one["id"])
        return found

    def make(self, name: str, mark: Mark, values: Mapping[str, str]) -> Made:
        """Make a record with what it belongs to; its unique value keeps it from coming twice."""
        links = SHAPES[name].links
        pipeline = self._pipeline(values["dealstage"]) if values.get("dealstage") else {}
        body: Json = {
            "properties": {mark.field: mark.text, **pipeline}
            | self._sent(name, {c: text for c, text in values.items() if c not in links}),
            "associations": [
                {"to": {"id": text}, "types": [
                    {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": number}
                ]}
                for column, text in values.items() if column in links and text
                for number in (_LINKS[name, links[column]],)
            ],
        }  # fmt: skip
        try:
            answer = self._ask.sent("POST", f"/crm/v3/objects/{name}", json=body, is_once=True)
        except Lost:
            return Made(Reply(Replied.DOUBTFUL))
        if answer.status_code < 300:
            return Made(Reply(Replied.WRITTEN), str(answer.json()["id"]))
        if answer.status_code == 429:
            return Made(Reply(Replied.BUSY))
        reply = comparing.refusal(answer, _whys)
        is_taken = any(why.field == mark.field for why in reply.whys)
        return Made(Reply(Replied.DOUBTFUL) if is_taken and answer.status_code == 409 else reply)

    def _pipeline(self, stage: str) -> dict[str, str]:
        """Return the pipeline of a stage, which a new deal must name beside it."""
        if not self._pipelines:
            self._pipelines = {
                str(one["id"]): str(p["id"]) for p in self._ask.pipelines() for one in p["stages"]
            }
        return {"pipeline": self._pipelines[stage]} if stage in self._pipelines else {}

    def end(self, name: str, key: str) -> Reply:
        """Put a record into the recycle bin."""
        answer = self._ask.sent("DELETE", f"/crm/v3/objects/{name}/{quote(key, safe='')}")
        return (
            Reply(Replied.WRITTEN) if answer.status_code < 300 else comparing.refusal(answer, _whys)
        )

    def restore(self, name: str, key: str) -> Reply:
        """Refuse: the API has no word for it."""
        return Reply(Replied.REFUSED, (Why("", "by_hand", ""),))

    def before(
        self, name: str, keys: Sequence[str], fields: Sequence[str]
    ) -> dict[str, dict[str, str]]:
        """Return by key and property what its last version replaced."""
        found: dict[str, dict[str, str]] = {}
        size, columns = KEYS // 2, list(self._sent(name, dict.fromkeys(fields, "")))
        for start in range(0, len(keys), size):
            for one in self._ask.read(name, columns, keys[start : start + size], with_past=True):
                past = one.get("propertiesWithHistory") or {}
                found[str(one["id"])] = self._read_as(
                    name, {column: _earlier(past[column]) for column in columns if past.get(column)}
                )
        return found


def _input(one: Write, properties: Mapping[str, str]) -> Json:
    told: Json = {"id": one.key, "properties": dict(properties)}
    return told if one.by is None else told | {"id": one.by[1], "idProperty": one.by[0]}


def _earlier(versions: Sequence[Mapping[str, Any]]) -> str:
    told = sorted(versions, key=lambda one: us_of(str(one["timestamp"])), reverse=True)
    now = text_of(told[0].get("value"))
    return next((text_of(o.get("value")) for o in told if text_of(o.get("value")) != now), "")


def _field(one: Json) -> TargetField:
    name, facts = str(one["name"]), one.get("modificationMetadata") or {}
    is_fixed = bool(facts.get("readOnlyValue") or one.get("calculated")) or name in _READ_ONLY
    kind = "reference" if name in _REFERENCES else _TYPES.get(str(one["type"]), str(one["type"]))
    if one.get("fieldType") in _SEVERAL:
        kind = "several"
    options = [o for o in one.get("options") or () if not o.get("hidden")]
    return TargetField(
        name, kind, str(one.get("label") or name), not is_fixed,
        bool(one.get("hasUniqueValue")), tuple(str(o["value"]) for o in options), not is_fixed,
    )  # fmt: skip


def _reply(key: str, wrote: set[str], refused: Mapping[str, Sequence[Why]]) -> Reply:
    if key in wrote:
        return Reply(Replied.WRITTEN)
    whys = tuple(refused.get(key, ()))
    is_gone = not whys or any(why.code == "OBJECT_NOT_FOUND" for why in whys)
    return Reply(Replied.GONE if is_gone else Replied.REFUSED, whys)


def _whys(told: Mapping[str, Any]) -> Iterator[Why]:
    """Give what the account says: an error for each property that it names, else of the record."""
    code, text = str(told.get("category", ""))[:80], str(told.get("message", ""))[:500]
    named = False
    for error in told.get("errors") or ():
        for name in (error.get("context") or {}).get("propertyName", ()):
            named = True
            yield Why(str(name), str(error.get("code") or code)[:80], str(error["message"])[:500])
    if not named:
        yield Why("", code, text)
