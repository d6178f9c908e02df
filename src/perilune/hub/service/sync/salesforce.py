"""Salesforce as a source: SOQL over REST for few rows, Bulk 2.0 for many."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import (
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from perilune.hub.contracts.sync import (
    Ask,
    Changed,
    Cut,
    Page,
    SourceField,
    SourceObject,
)
from perilune.hub.service.sync import tokens
from perilune.hub.service.sync.salesforce_objects import ARCHIVES, MADE, OBJECTS
from perilune.hub.service.sync.wire import Wire, is_loopback
from perilune.kernel.errors import NotFound, Refused, Unavailable
from perilune.kernel.messages import gettext_noop as _

VERSION = "62.0"
FEW = 2_000
"""Rows up to which REST is asked; Salesforce advises Bulk 2.0 above."""

KEYS_AT_ONCE = 200
BULK_PAGE = 50_000
_POLL = (0.1, 0.3, 1.0, 2.0)
_CELL_LIMIT = 2**27


class Org:
    """A Salesforce org, as `Source` wants it."""

    def __init__(
        self,
        address: str,
        keys: Mapping[str, Any],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._address, self._keys, self._sleep = address, keys, sleep
        self._instance = str(keys.get("instance_url") or address)
        self.wire = Wire(self._instance, self._renew, sleep=sleep)
        self._client: Salesforce | None = None

    def _renew(self) -> str:
        told = tokens.renewed(self._address, self._keys)
        instance = str(told.get("instance_url") or self._instance)
        if tokens.checked_address(instance) != self._instance:
            self._instance = tokens.checked_address(instance)
            if is_loopback(self._instance):
                self.wire.mount_plain(self._instance)
            self._client = None
        self.wire.token = str(told["access_token"])
        return self.wire.token

    @property
    def client(self) -> Salesforce:
        """The client, signed in."""
        if not self.wire.token:
            self._renew()
        if self._client is None:
            self._client = Salesforce(
                instance_url=self._instance,
                session_id="held by the session",
                session=self.wire,
                version=VERSION,
            )
        return self._client

    # -- what a source must be able to do --------------------------------------------------

    def objects(self) -> Sequence[SourceObject]:
        """Return the objects that can be synced; what others refer to comes last."""
        return OBJECTS

    def describe(self, name: str) -> tuple[SourceField, ...]:
        """Return the fields of an object as they are now."""
        with _said():
            url = f"{self.client.base_url}sobjects/{name}/describe"
            told = self.client._call_salesforce("GET", url).json()
        fields = [
            SourceField(
                str(one["name"]),
                str(one["type"]),
                str(one.get("label") or one["name"]),
                str((one.get("referenceTo") or [""])[0]),
                bool(one.get("custom")),
            )
            for one in told["fields"]
        ]
        there = {one.name for one in fields} | {f"{one.name.removesuffix('Id')}." for one in fields}
        made = [
            SourceField(column, one.type, one.label)
            for column, one in MADE.get(name, {}).items()
            if column not in there
            and all(part in there or part[: part.find(".") + 1] in there for part in one.of)
        ]
        return (*fields, *made)

    def clock(self) -> datetime:
        """Return the org's own time, to the second, as its last answer told it."""
        with _said():
            self.client.limits()
        return self.wire.told_at or datetime.now(UTC)

    def counts(self, item: SourceObject) -> Mapping[str, int]:
        """Return how many live rows were created in each month."""
        year, month = f"CALENDAR_YEAR({item.created})", f"CALENDAR_MONTH({item.created})"
        text = (
            f"SELECT {year} y, {month} m, COUNT({item.key}) n FROM {item.name}"
            f"{_where(Ask(item.name, ()))} GROUP BY {year}, {month}"
        )
        with _said():
            told = self.client.query(text, include_deleted=item.name in ARCHIVES)
        return {
            f"{int(row['y']):04d}-{int(row['m']):02d}": int(row["n"]) for row in told["records"]
        }

    def days(self, item: SourceObject, since: datetime) -> Mapping[str, int]:
        """Return how many live rows were last changed on each day from one on."""
        day = f"DAY_ONLY({item.stamp})"
        where = _where(Ask(item.name, (), since, since_by=item.stamp))
        text = f"SELECT {day} d, COUNT({item.key}) n FROM {item.name}{where} GROUP BY {day}"
        with _said():
            told = self.client.query(text, include_deleted=item.name in ARCHIVES)
        return {str(row["d"]): int(row["n"]) for row in told["records"]}

    def usage(self) -> tuple[int, int]:
        """Return (used, allowed) requests of the day as last told."""
        return self.wire.used, self.wire.allowed

    def page(self, ask: Ask, token: str) -> Page:
        """Return a page of an answer; Changed where a column is no longer there.

        Keys go by the hundred over REST, few rows over REST, many through Bulk 2.0.
        """
        own = MADE.get(ask.object, {})
        parts = [own[name].of if name in own else (name,) for name in ask.columns]
        columns = tuple(dict.fromkeys(part for some in parts for part in some))
        with _said():
            found = self._page(replace(ask, columns=columns), token)
        if columns == ask.columns:
            return found
        at = {name: i for i, name in enumerate(columns)}
        made = [
            (own[name].value if name in own else str, [at[part] for part in some])
            for name, some in zip(ask.columns, parts, strict=True)
        ]
        rows = [[value(*(row[i] for i in places)) for value, places in made] for row in found.rows]
        return found._replace(rows=rows)

    def _page(self, ask: Ask, token: str) -> Page:
        if ask.keys:
            return self._of_keys(ask, int(token or 0))
        if not token:
            return self._rest(ask, "") if self._count(ask) <= FEW else self._begin_bulk(ask)
        way, _sign, rest = token.partition(":")
        return self._rest(ask, rest) if way == "rest" else self._bulk(ask, rest)

    # -- REST ------------------------------------------------------------------------------

    def _count(self, ask: Ask) -> int:
        text = f"SELECT COUNT() FROM {ask.object}{_where(ask)}"
        return int(self.client.query(text, include_deleted=_is_wide(ask))["totalSize"])

    def _of_keys(self, ask: Ask, start: int) -> Page:
        some = ask.keys[start : start + KEYS_AT_ONCE]
        marks = ",".join(f"'{_safe(key)}'" for key in some)
        text = f"SELECT {','.join(ask.columns)} FROM {ask.object} WHERE {ask.keys_by} IN ({marks})"
        text += " AND IsDeleted = false" if _is_wide(ask) and not ask.with_gone else ""
        rows: list[list[str]] = []
        told = self.client.query(text, include_deleted=_is_wide(ask))
        total = int(told["totalSize"])
        while True:
            rows += [_texts(row, ask.columns) for row in told["records"]]
            if told["done"] or len(rows) > total:
                break
            told = self.client.query_more(told["nextRecordsUrl"], identifier_is_url=True)
        if len(rows) != total:
            raise Cut(
                _("An answer was cut: %(got)s of %(total)s rows of %(object)s."),
                got=len(rows), total=total, object=ask.object,
            )  # fmt: skip
        after = start + KEYS_AT_ONCE
        return Page(rows, str(after) if after < len(ask.keys) else "", -1)

    def _rest(self, ask: Ask, url: str) -> Page:
        if url:
            told = self.client.query_more(url, identifier_is_url=True)
        else:
            order = f" ORDER BY {ask.since_by}, Id" if ask.since is not None else ""
            text = f"SELECT {','.join(ask.columns)} FROM {ask.object}{_where(ask)}{order}"
            told = self.client.query(text, include_deleted=_is_wide(ask))
        rows = [_texts(row, ask.columns) for row in told["records"]]
        token = "" if told["done"] else f"rest:{told['nextRecordsUrl']}"
        return Page(rows, token, int(told["totalSize"]))

    # -- Bulk 2.0 --------------------------------------------------------------------------

    def _begin_bulk(self, ask: Ask) -> Page:
        text = f"SELECT {','.join(ask.columns)} FROM {ask.object}{_where(ask)}"
        operation = "queryAll" if _is_wide(ask) else "query"
        url = f"{self.client.bulk2_url}query"
        job = self.client._call_salesforce(
            "POST", url, json={"operation": operation, "query": text, "contentType": "CSV",
                               "columnDelimiter": "COMMA", "lineEnding": "LF"},
        ).json()  # fmt: skip
        return Page([], f"bulk:{job['id']}:", -1)

    def _bulk(self, ask: Ask, rest: str) -> Page:
        key, _sign, locator = rest.partition(":")
        url = f"{self.client.bulk2_url}query/{key}"
        total = -1
        if not locator:
            told = self._waited(url)
            if told is None:
                return Page([], f"bulk:{key}:", -1)
            total = int(told.get("numberRecordsProcessed") or 0)
        params = {"maxRecords": str(BULK_PAGE)} | ({"locator": locator} if locator else {})
        answer = self.client._call_salesforce(
            "GET", f"{url}/results", params=params, headers={"Accept": "text/csv"}
        )
        rows = _parsed(answer.content.decode("utf-8").replace("\0", ""), ask)
        promised = int(answer.headers.get("Sforce-NumberOfRecords") or len(rows))
        if len(rows) != promised:
            raise Cut(
                _("An answer was cut: %(got)s of %(total)s rows of %(object)s."),
                got=len(rows), total=promised, object=ask.object,
            )  # fmt: skip
        after = answer.headers.get("Sforce-Locator", "null")
        return Page(rows, "" if after in ("", "null") else f"bulk:{key}:{after}", total)

    def _waited(self, url: str) -> dict[str, Any] | None:
        """Return a finished job; None while it works on: the next step asks again."""
        for seconds in (0.0, *_POLL):
            if seconds:
                self._sleep(seconds)
            told = dict(self.client._call_salesforce("GET", url).json())
            if told["state"] == "JobComplete":
                return told
            if told["state"] in ("Failed", "Aborted"):
                raise Unavailable(
                    _("Salesforce gave the query up: %(why)s."),
                    why=str(told.get("errorMessage") or told["state"])[:200],
                )
        return None


def _is_wide(ask: Ask) -> bool:
    """Tell whether `queryAll` must be asked: it alone shows deleted and archived rows."""
    return ask.with_gone or ask.object in ARCHIVES


def _where(ask: Ask) -> str:
    parts = ["IsDeleted = false"] if _is_wide(ask) and not ask.with_gone else []
    if ask.since is not None:
        parts.append(f"{ask.since_by} >= {_instant(ask.since)}")
    if ask.until is not None:
        parts.append(f"{ask.since_by} < {_instant(ask.until)}")
    if ask.born is not None:
        first, last = map(_instant, ask.born)
        parts += [f"{ask.born_by} >= {first}", f"{ask.born_by} < {last}"]
    return " WHERE " + " AND ".join(parts) if parts else ""


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _safe(key: str) -> str:
    return key.replace("\\", "\\\\").replace("'", "\\'")


def _texts(row: Mapping[str, Any], columns: Sequence[str]) -> list[str]:
    """Return a row of REST as Bulk writes it: texts, blanks for nothing."""
    return [_text(_cell(row, name)) for name in columns]


def _cell(row: Any, name: str) -> Any:
    """Return a field of a row, or of the record that it refers to (`Period.EndDate`)."""
    for part in name.split("."):
        row = row.get(part) if isinstance(row, Mapping) else None
    return row


def _text(value: Any) -> str:
    if value is None:
        return ""
    if value is True or value is False:
        return "true" if value else "false"
    text = str(value)
    if text.endswith("+0000") and len(text) == len("2026-01-05T10:00:00.000+0000"):
        return text[:-5] + "Z"
    return text


def _parsed(text: str, ask: Ask) -> list[list[str]]:
    before = csv.field_size_limit(_CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""))
        header = next(reader, [])
        if tuple(header) != ask.columns:
            raise Changed(_("The columns of %(object)s changed."), object=ask.object)
        return list(reader)
    except csv.Error as error:
        raise Unavailable(
            _("An answer about %(object)s cannot be read."), object=ask.object
        ) from error
    finally:
        csv.field_size_limit(before)


@contextmanager
def _said() -> Iterator[None]:
    """Say what the client reports in words, without what was sent."""
    try:
        yield
    except SalesforceExpiredSession as error:
        raise Refused(_("Access was taken back at the other system. Connect again.")) from error
    except SalesforceResourceNotFound as error:
        raise NotFound(_("The other system does not show this object.")) from error
    except SalesforceMalformedRequest as error:
        code, why = _reason(error)
        if code in ("INVALID_FIELD", "INVALID_QUERY_LOCATOR"):
            raise Changed(_("The columns changed at the other system: %(why)s."), why=why) from None
        raise Unavailable(_("Salesforce refused a question: %(why)s."), why=why) from error
    except SalesforceError as error:
        code, why = _reason(error)
        raise Unavailable(_("Salesforce refused a question: %(why)s."), why=why or code) from error
    except ValueError as error:  # a body that is no JSON
        raise Unavailable(_("An answer of the other system cannot be read.")) from error


def _reason(error: SalesforceError) -> tuple[str, str]:
    content: Any = error.content
    first = content[0] if isinstance(content, list) and content else content
    if isinstance(first, dict):
        return str(first.get("errorCode", "")), str(first.get("message", ""))[:200]
    return "", str(first)[:200]
