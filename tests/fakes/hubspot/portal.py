"""The records of a fake account: properties with their versions, associations, merges, an index.

As HubSpot does: a change of a property stamps its record, an association does not; a merge of deals
or companies makes a record of a new id; the search index follows the records after `lag` seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.fakes.common.records import Records
from tests.fakes.hubspot.schema import PIPELINES, Property, properties

MERGED = "hs_merged_object_ids"
KINDS = ("deals", "contacts", "companies")
QUEUED = 1_000
PRIMARY = {("deals", "companies"): 5, ("contacts", "companies"): 1, ("tickets", "companies"): 26}
PLAIN = {
    ("deals", "companies"): 341, ("contacts", "companies"): 279, ("deals", "contacts"): 3,
    ("tickets", "companies"): 339, ("tickets", "contacts"): 16, ("line_items", "deals"): 20,
    ("line_items", "quotes"): 68,
    ("quotes", "deals"): 64, ("quotes", "companies"): 71,
    ("leads", "contacts"): 578, ("leads", "companies"): 610,
    **{(of, to): first + at
       for of, at in (("calls", 0), ("emails", 4), ("meetings", 6), ("tasks", 10))
       for to, first in (("companies", 182), ("contacts", 194), ("deals", 206))},
}  # fmt: skip


def text_of(at: datetime) -> str:
    """Return an instant as HubSpot writes it, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Record:
    """A record. versions: of each property (instant, value), oldest first."""

    id: str
    created: str
    updated: str
    properties: dict[str, str | None] = field(default_factory=dict)
    versions: dict[str, list[tuple[str, str | None]]] = field(default_factory=dict)
    archived_at: str = ""

    def put(self, values: dict[str, str | None], now: str) -> bool:
        """Change properties; false where nothing changes."""
        news = {n: v for n, v in values.items() if self.properties.get(n) != v}
        for name, value in news.items():
            self.properties[name] = value
            self.versions.setdefault(name, []).append((now, value))
        if news:
            self.updated = now
        return bool(news)


class Portal(Records):
    """An account in memory. `clock` is a function, or set by `at`."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(clock)
        self.rows: dict[str, dict[str, Record]] = {name: {} for name in KINDS}
        self.merged: dict[str, str] = {}
        self.owners: dict[str, dict[str, Any]] = {}
        self.campaigns: dict[str, dict[str, Any]] | None = None
        self.properties: dict[str, dict[str, Property]] = properties()
        self.pipelines = {"deals": deepcopy(PIPELINES)}
        self.links: dict[tuple[str, str], dict[str, dict[str, set[int]]]] = {}
        self.lag = 0.0
        self.index: dict[str, dict[str, Record]] = {name: {} for name in KINDS}
        self._queue: list[tuple[datetime, str, str, Record | None]] = []
        self._ordered: dict[tuple[str, bool], list[Record]] = {}
        self._next = 1_000

    def show(self, kind: str, own: dict[str, Property]) -> None:
        """Let an object be seen that an account has only by licence or by scope."""
        self.properties[kind], self.rows[kind], self.index[kind] = own, {}, {}

    def new_id(self) -> str:
        """Return the next id."""
        self._next += 7
        return str(self._next)

    # -- writing ---------------------------------------------------------------------------

    def create(self, kind: str, **values: Any) -> str:
        """Create a record and return its id."""
        with self.lock:
            now = text_of(self.clock())
            one = Record(self.new_id(), now, now)
            self._check(kind, values)
            one.put({name: _written(v) for name, v in values.items() if v is not None}, now)
            self._show(lambda: self._keep(kind, one))
            return one.id

    def _keep(self, kind: str, one: Record) -> None:
        self.rows[kind][one.id] = one
        self._index(kind, one.id, one)

    def update(self, kind: str, key: str, **values: Any) -> None:
        """Change properties of a record: stamps it, and keeps the version."""
        with self.lock:
            self._check(kind, values)
            now = text_of(self.clock())

            def show() -> None:
                one = self.rows[kind][key]
                # what another write overtook is stamped as it comes: versions stand in order
                at = now if one.updated <= now else text_of(self.clock())
                one.put({name: _written(v) for name, v in values.items()}, at)
                self._index(kind, key, one)

            self._show(show)

    def _check(self, kind: str, values: dict[str, Any]) -> None:
        unknown = sorted(set(values) - set(self.properties[kind]))
        if unknown:
            raise KeyError(f'Property "{unknown[0]}" does not exist')

    def archive(self, kind: str, key: str) -> None:
        """Put a record into the recycle bin; its last change stays as it is."""
        with self.lock:
            self.rows[kind][key].archived_at = text_of(self.clock())
            self._index(kind, key, None)

    def restore(self, kind: str, key: str) -> None:
        """Bring a record back from the bin, without a stamp."""
        with self.lock:
            self.rows[kind][key].archived_at = ""
            self._index(kind, key, self.rows[kind][key])

    def purge(self, kind: str, key: str) -> None:
        """Take a record away for good (90 days in the bin, or a privacy request)."""
        with self.lock:
            del self.rows[kind][key]
            self._index(kind, key, None)

    def merge(self, kind: str, primary: str, other: str) -> str:
        """Merge two records and return the id of the one that lives on."""
        with self.lock:
            now = text_of(self.clock())
            first, second = self.rows[kind].pop(primary), self.rows[kind].pop(other)
            for key in (primary, other):
                self._index(kind, key, None)
            key = primary if kind == "contacts" else self.new_id()
            one = Record(key, min(first.created, second.created), now)
            one.properties = {**second.properties, **{
                n: v for n, v in first.properties.items() if v}}  # fmt: skip
            one.versions = {
                n: [*first.versions.get(n, [(one.created, v)])] for n, v in one.properties.items()
            }
            for name, value in one.properties.items():
                if one.versions[name][-1][1] != value:
                    one.versions[name].append((now, value))
            known = [
                k for r in (first, second) for k in (r.properties.get(MERGED) or "").split(";")
            ]
            told = sorted({*known, primary, other} - {"", key}, key=int)
            one.put({MERGED: ";".join(told)}, now)
            one.updated = now
            for old in told:
                self.merged[old] = key
            for (of, to), links in self.links.items():
                if of == kind:  # one of them stays the primary one
                    for types in links.get(other, {}).values():
                        types.discard(PRIMARY.get((of, to), 0))
            self._relink(kind, (primary, other), key)
            self._keep(kind, one)
            return key

    def _relink(self, kind: str, olds: tuple[str, str], key: str) -> None:
        for (of, to), links in self.links.items():
            for near in [links] if of == kind else links.values() if to == kind else ():
                _moved(near, olds, key)

    def link(self, kind: str, key: str, to: str, other: str) -> None:
        """Make a record the primary one that another is associated with: nothing is stamped."""
        with self.lock:
            links = self.links.setdefault((kind, to), {}).setdefault(key, {})
            primary = PRIMARY.get((kind, to), 0)
            for types in links.values():
                types.discard(primary)
            links.setdefault(other, set()).update({PLAIN[kind, to], primary} - {0})

    def owner(self, first: str, last: str, team: str = "") -> str:
        """Add an owner and return the id."""
        key, now = self.new_id(), text_of(self.clock())
        self.owners[key] = {
            "id": key, "email": f"{first.lower()}@acme.example", "firstName": first,
            "lastName": last, "userId": int(key), "createdAt": now, "updatedAt": now,
            "archived": False, "type": "PERSON",
            "teams": [{"id": "1", "name": team, "primary": True}] if team else [],
        }  # fmt: skip
        return key

    # -- the shape -------------------------------------------------------------------------

    def property_add(
        self, kind: str, name: str, label: str = "", of: str = "string", **more: Any
    ) -> None:
        """Add a property of the company's own."""
        self.properties[kind][name] = Property(name, label or name, of, is_own=True, **more)

    def property_remove(self, kind: str, name: str) -> None:
        """Archive a property: its values are no longer told, and nobody says so."""
        with self.lock:
            del self.properties[kind][name]
            for one in self.rows[kind].values():
                one.properties.pop(name, None)
                one.versions.pop(name, None)

    # -- the index -------------------------------------------------------------------------

    def _index(self, kind: str, key: str, one: Record | None) -> None:
        self._ordered.clear()
        copied = replace(one, properties={**one.properties}, versions={}) if one else None
        self._queue.append((self.clock(), kind, key, copied))
        if not self.lag and len(self._queue) > QUEUED:
            self._catch_up()

    def _catch_up(self) -> None:
        known = self.clock() - timedelta(seconds=self.lag)
        left = []
        for at, name, key, one in self._queue:
            if at > known:
                left.append((at, name, key, one))
            elif one is None:
                self.index[name].pop(key, None)
            else:
                self.index[name][key] = one
        self._queue = left

    def searched(self, kind: str) -> list[Record]:
        """Return the records as the index knows them."""
        with self.lock:
            self._catch_up()
            return list(self.index[kind].values())

    def listed(self, kind: str, *, is_archived: bool) -> list[Record]:
        """Return the records themselves by id; the list is kept until something changes."""
        with self.lock:
            found = self._ordered.get((kind, is_archived))
            if found is None:
                mine = (r for r in self.rows[kind].values() if bool(r.archived_at) == is_archived)
                found = sorted(mine, key=lambda r: int(r.id))
                self._ordered[kind, is_archived] = found
            return found


def _moved(near: dict[str, Any], olds: tuple[str, str], key: str) -> None:
    """Give what hangs on two ids to one."""
    found: Any = None
    for old in olds:
        some = near.pop(old, None)
        if some is not None:
            found = some if found is None else _joined(found, some)
    if found is not None:
        near[key] = found


def _joined(first: Any, other: Any) -> Any:
    if isinstance(first, set):
        return first | other
    return {n: first.get(n, set()) | other.get(n, set()) for n in {**first, **other}}


def _written(value: Any) -> str | None:
    if value is None or value == "":
        return None
    return f"{value:g}" if isinstance(value, float) and value < 1e6 else str(value)
