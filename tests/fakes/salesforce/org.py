"""The records of a fake org: every write stamps, tracks and counts as Salesforce does.

Instants are kept as `2026-01-05T10:00:00.000Z`: text of one shape, which compares as it reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from itertools import islice
from typing import Any

from tests.fakes.salesforce import soql
from tests.fakes.salesforce.schema import STAGES, Field, Kind, kinds
from tests.fakes.salesforce.table import Record, Table

_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
INSTANTS = ("SystemModstamp", "CreatedDate")
_SNAPSHOT = ("StageName", "Amount", "CloseDate", "Probability", "ForecastCategory")
_PARTS = {
    "Opportunity": (("OpportunityLineItem", "OpportunityId"), ("Quote", "OpportunityId")),
    "Quote": (("QuoteLineItem", "QuoteId"),),
    "SBQQ__Quote__c": (("SBQQ__QuoteLine__c", "SBQQ__Quote__c"),),
    "Territory2": (
        ("UserTerritory2Association", "Territory2Id"),
        ("ObjectTerritory2Association", "Territory2Id"),
    ),
    "Campaign": (("CampaignMember", "CampaignId"),),
    "Contact": (("CampaignMember", "ContactId"),),
    "Lead": (("CampaignMember", "LeadId"),),
}
"""What is deleted with a record: (object, field of the record)."""

_STAGES: dict[str, list[Any]] = {name: rest for name, *rest in STAGES}


def text_of(at: datetime) -> str:
    """Return an instant as the org keeps it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Org:
    """An org in memory. `now` is its clock: a function, or set by `at`."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self.kinds = kinds()
        self.rows = {name: Table() for name in self.kinds}
        self.clock = clock or (lambda: datetime.now(UTC))
        self.lock = threading.RLock()
        self._next = dict.fromkeys(self.kinds, 0)
        self._open: list[tuple[str, Record, Callable[[], None]]] | None = None
        self._by_parent: dict[str, tuple[int, dict[str, list[Record]]]] = {}
        self._owner = "Owner"

    def show(self, kind: Kind) -> None:
        """Let an object be seen that an org has only by licence or by right."""
        self.kinds[kind.name], self.rows[kind.name], self._next[kind.name] = kind, Table(), 0

    def hide_history(self, kind: str) -> None:
        """Keep no field history of an object any more, and show none."""
        past, self.kinds[kind].history = self.kinds[kind].history, ""
        del self.kinds[past]

    def at(self, when: datetime) -> None:
        """Stop the org's clock at an instant."""
        self.clock = lambda: when

    def pass_time(self, **parts: float) -> None:
        """Move a stopped clock on."""
        self.at(self.clock() + timedelta(**parts))

    def new_id(self, kind: str) -> str:
        """Return the next id of an object, 18 characters with its checksum."""
        number = self._next[kind] = self._next[kind] + 1
        tail = ""
        while number:
            number, digit = divmod(number, 62)
            tail = _DIGITS[digit] + tail
        return with_checksum(self.kinds[kind].prefix + "Fk" + tail.rjust(10, "0"))

    # -- writing ---------------------------------------------------------------------------

    @contextmanager
    def late(self) -> Iterator[Callable[[], None]]:
        """Write in a transaction that stamps now and commits when the given verb is called.

        Nothing of it is to be seen before; afterwards its stamps lie in the past.
        """
        with self.lock:
            waiting: list[tuple[str, Record, Callable[[], None]]] = []
            self._open = waiting

        def commit() -> None:
            with self.lock:
                for _kind, _row, show in waiting:
                    show()

        try:
            yield commit
        finally:
            with self.lock:
                self._open = None

    def _show(self, kind: str, row: Record, show: Callable[[], None]) -> None:
        if self._open is None:
            show()
        else:
            self._open.append((kind, row, show))

    def create(self, kind: str, values: Record | None = None, **more: Any) -> str:
        """Create a record and return its id."""
        with self.lock:
            now = text_of(self.clock())
            own = {**(values or {}), **more}
            self._check(kind, own)
            row: Record = dict.fromkeys(self.kinds[kind].fields)
            row |= {
                "Id": self.new_id(kind), "IsDeleted": False, "CreatedDate": now,
                "LastModifiedDate": now, "SystemModstamp": now,
            }  # fmt: skip
            row |= own
            row = {name: value for name, value in row.items() if name in self.kinds[kind].fields}
            self._settle(kind, row, own)
            table = self.rows[kind]
            self._show(kind, row, lambda: table.__setitem__(row["Id"], row))
            if self.kinds[kind].history:
                self._told(kind, row, "created", None, None, now, "Text")
            if kind == "Opportunity":
                self._snapshot(row, now)
            return str(row["Id"])

    def update(self, kind: str, key: str, values: Record | None = None, **more: Any) -> None:
        """Change fields of a record: stamps it, and tracks what is tracked."""
        with self.lock:
            own = {**(values or {}), **more}
            self._check(kind, own)
            before = self.rows[kind][key]
            after = {**before, **own}
            self._settle(kind, after, own)
            changed = {n for n in after if after[n] != before.get(n)}
            if not changed:
                return
            now = text_of(self.clock())
            after["SystemModstamp"] = after["LastModifiedDate"] = now
            table = self.rows[kind]
            self._show(kind, after, lambda: table.__setitem__(key, {**table[key], **after}))
            if self.kinds[kind].history:
                self._track(kind, before, after, changed, now)

    def assign(self, kind: str, key: str, owner: str) -> None:
        """Give a record to somebody by a rule of assignment: its history has a name for that."""
        with self.lock:
            self._owner = "ownerAssignment"
            self.update(kind, key, OwnerId=owner)
            self._owner = "Owner"

    def _track(self, kind: str, before: Record, after: Record, changed: set[str], now: str) -> None:
        for name in sorted(changed):
            field = self.kinds[kind].fields.get(name)
            if field is None or not field.is_tracked:
                continue
            old, new = before.get(name), after.get(name)
            if field.refers_to:
                names: dict[str, Record] = self.rows[field.refers_to]
                label = self._owner if name == "OwnerId" else name.removesuffix("Id")
                shown = [names.get(str(one), {}).get("Name") for one in (old, new)]
                self._told(kind, after, label, shown[0], shown[1], now, "Text")
                self._told(kind, after, label, old, new, now, "EntityId")
            else:
                self._told(kind, after, name, old, new, now, _data_type(field))
        if "ClosedDate" in changed and after["ClosedDate"]:
            self._told(kind, after, "closed", None, None, now, "Text")
        if kind == "Opportunity" and changed & set(_SNAPSHOT):
            self._snapshot(after, now)

    def _told(  # the parts of a row of field history
        self, kind: str, row: Record, name: str, old: Any, new: Any, now: str, of: str
    ) -> None:
        past = self.kinds[kind].history
        told = {
            "Id": self.new_id(past), "IsDeleted": False, "CreatedDate": now,
            "CreatedById": row.get("OwnerId"), self.kinds[past].parent: row["Id"], "Field": name,
            "DataType": of, "OldValue": old, "NewValue": new,
        }  # fmt: skip
        table = self.rows[past]
        self._show(past, told, lambda: table.__setitem__(told["Id"], told))

    def _snapshot(self, row: Record, now: str) -> None:
        told = {name: row.get(name) for name in _SNAPSHOT} | {
            "Id": self.new_id("OpportunityHistory"), "IsDeleted": False, "CreatedDate": now,
            "SystemModstamp": now, "OpportunityId": row["Id"],
        }  # fmt: skip
        table = self.rows["OpportunityHistory"]
        self._show("OpportunityHistory", told, lambda: table.__setitem__(str(told["Id"]), told))

    def delete(self, kind: str, key: str) -> None:
        """Put a record into the recycle bin."""
        with self.lock:
            now = text_of(self.clock())
            for part, name in _PARTS.get(kind, ()):
                for row in list(self.rows.get(part, {}).values()):
                    if row[name] == key and not row.get("IsDeleted"):
                        self.delete(part, row["Id"])
            if "IsDeleted" not in self.kinds[kind].fields:  # it has no bin
                self.purge(kind, key)
                return
            self.rows[kind][key] |= {"IsDeleted": True, "SystemModstamp": now}

    def undelete(self, kind: str, key: str) -> None:
        """Take a record out of the recycle bin."""
        with self.lock:
            now = text_of(self.clock())
            self.rows[kind][key] |= {"IsDeleted": False, "SystemModstamp": now}

    def purge(self, kind: str, key: str) -> None:
        """Remove a record for good: no query shows it any more."""
        with self.lock:
            self.rows[kind].pop(key)

    def merge(self, kind: str, master: str, loser: str) -> None:
        """Merge two records: the loser is deleted and names its master; children move over."""
        with self.lock:
            now = text_of(self.clock())
            lost = {"IsDeleted": True, "MasterRecordId": master, "SystemModstamp": now}
            self.rows[kind][loser] |= lost
            self.rows[kind][master] |= {"SystemModstamp": now, "LastModifiedDate": now}
            if self.kinds[kind].history:
                told = f"{kind.lower()}Merged"
                self._told(kind, self.rows[kind][master], told, None, None, now, "Text")
            for name, one in self.kinds.items():
                for field in one.fields.values():
                    may_be = field.name in ("WhoId", "WhatId") or field.refers_to == kind
                    if not may_be or one.is_history or name == kind:
                        continue
                    for key, row in list(self.rows[name].items()):
                        if row.get(field.name) == loser:
                            self.update(name, key, {field.name: master})

    def _settle(self, kind: str, row: Record, own: Record) -> None:
        if kind == "Contact":
            row["Name"] = " ".join(p for p in (row.get("FirstName"), row.get("LastName")) if p)
        if kind == "Case" and "Status" in own and "ClosedDate" not in own:
            is_closed = row["Status"] == "Closed"
            row["ClosedDate"] = text_of(self.clock()) if is_closed else None
        if kind == "Opportunity" and row.get("StageName") in _STAGES:
            category, probability, is_closed, is_won = _STAGES[row["StageName"]]
            label = {"BestCase": "Best Case", "Forecast": "Commit"}.get(category, category)
            row |= {"IsClosed": is_closed, "IsWon": is_won}
            if "StageName" in own:
                row |= {"ForecastCategory": category, "ForecastCategoryName": label}
                row |= {} if "Probability" in own else {"Probability": probability}

    def _check(self, kind: str, own: Record) -> None:
        unknown = sorted(set(own) - set(self.kinds[kind].fields))
        if unknown:
            raise KeyError(f"No such column '{unknown[0]}' on sobject of type {kind}")

    # -- the shape -------------------------------------------------------------------------

    def field_add(self, kind: str, name: str, of: str = "string") -> None:
        """Add a field to an object."""
        self.kinds[kind].fields[name] = Field(name, of, name.removesuffix("__c"))

    def field_rename(self, kind: str, old: str, new: str) -> None:
        """Give a field another API name; its label stays."""
        with self.lock:
            self.kinds[kind].rename(old, new)
            for row in self.rows[kind].values():
                row[new] = row.pop(old, None)

    def field_remove(self, kind: str, name: str) -> None:
        """Take a field away."""
        with self.lock:
            del self.kinds[kind].fields[name]

    def field_retype(self, kind: str, name: str, of: str) -> None:
        """Change the type of a field."""
        self.kinds[kind].fields[name] = Field(name, of, self.kinds[kind].fields[name].label)

    # -- asking ----------------------------------------------------------------------------

    def find(self, query: soql.Query, *, with_deleted: bool = False) -> list[Record]:
        """Return the rows of a query, aggregates not counted yet. Malformed as the org would."""
        rows: list[Record] = query.of(self._asked(query), with_deleted=with_deleted)
        for name, is_down in reversed(query.order):
            rows.sort(key=partial(_rank, name), reverse=is_down)
        return rows if query.limit is None else rows[: query.limit]

    def totals(self, query: soql.Query, *, with_deleted: bool = False) -> list[dict[str, Any]]:
        """Return the aggregates of a query: millions of rows are counted without a list of them."""
        counts = query.counts(self._asked(query), with_deleted=with_deleted)
        if counts is None:
            return soql.grouped(query, self.find(query, with_deleted=with_deleted))
        return soql.counted(query, counts)

    def _asked(self, query: soql.Query) -> list[Record]:
        """Return the rows among which a query looks; Malformed where it names what is not there."""
        shape = self.kinds.get(query.kind)
        if shape is None:
            raise soql.Malformed(f"sObject type '{query.kind}' is not supported.")
        named = {c.name for c in query.columns} | query.filtered | {n for n, _down in query.order}
        for name in sorted(named - {""}):
            if name.split(".")[0] not in shape.fields and "." not in name:
                raise soql.Malformed(f"No such column '{name}' on entity '{query.kind}'.")
        for name in sorted(query.filtered):
            if name in shape.fields and not shape.fields[name].is_filterable:
                raise soql.Malformed(f"field '{name}' can not be filtered in a query call")
        with self.lock:
            return self._candidates(query)

    def _candidates(self, query: soql.Query) -> list[Record]:
        """Return the rows that a query may find: by ids, parents, instants, or all of them."""
        table = self.rows[query.kind]
        name, keys = query.inside or ("", frozenset())
        if name == "Id":
            return [table[key] for key in keys if key in table]
        parent = self.kinds[query.kind].parent
        if not name or name != parent:
            column = next((one for one in INSTANTS if one in query.least), "")
            if not column:
                return list(table.values())
            return table.between(column, query.least[column], query.below.get(column, ""))
        known, by_parent = self._by_parent.setdefault(query.kind, (0, {}))
        for row in islice(table.values(), known, None):  # a history only grows
            by_parent.setdefault(row[parent], []).append(row)
        self._by_parent[query.kind] = (len(table), by_parent)
        return [row for key in keys for row in by_parent.get(key, ())]


def _rank(name: str, row: Record) -> tuple[bool, Any]:
    return row.get(name) is not None, row.get(name)


def _data_type(field: Field) -> str:
    return {"currency": "Currency", "date": "DateOnly", "picklist": "DynamicEnum"}.get(
        field.type, "Text"
    )


def with_checksum(short: str) -> str:
    """Return the 18-character form of a 15-character id."""
    return short + _letter(short[:5]) + _letter(short[5:10]) + _letter(short[10:])


@lru_cache(4_096)
def _letter(part: str) -> str:
    return _LETTERS[sum(1 << i for i, c in enumerate(part) if c.isupper())]
