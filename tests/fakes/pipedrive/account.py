"""The records of a fake account: fields with their changelog, deletions, merges, archived deals.

As Pipedrive does: whole seconds; a changelog that tells changes and no first values; a status
beside the stage; a merge deletes one record and leaves it a word of its heir; what hangs on it
moves without a stamp; a company's own fields are called by 40 hex digits, their options by numbers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from tests.fakes.common.records import Records

Record = dict[str, Any]
KINDS = ("deals", "persons", "organizations")
_REFERENCES = {
    "organizations": ("org_id", "organization_id"), "persons": ("person_id",),
    "deals": ("deal_id",),
}  # fmt: skip


def text_of(at: datetime) -> str:
    """Return an instant as v2 writes it, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Account(Records):
    """An account in memory. `clock` is a function, or set by `at`."""

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        super().__init__(clock)
        self.rows: dict[str, dict[str, Record]] = {name: {} for name in KINDS}
        self.changes: dict[str, list[Record]] = {}
        self.users: dict[str, Record] = {}
        self.fields: dict[str, list[Record]] = {name: [] for name in KINDS}
        self.pipelines: list[Record] = []
        self.stages: list[Record] = []
        self.goals: dict[str, Record] | None = None
        self.lag = 0.0
        self._ordered: dict[str, tuple[tuple[int, str], list[Record]]] = {}
        self._next = 0
        self._columns = dict(_COLUMNS)
        for number, (name, stages) in enumerate(_PIPELINES, start=1):
            self.pipelines.append(
                {"id": number, "name": name, "order_nr": number, "is_deleted": False}
            )
            for place, (stage, chance) in enumerate(stages, start=1):
                self.stages.append(
                    {"id": len(self.stages) + 1, "name": stage, "order_nr": place,
                     "pipeline_id": number, "deal_probability": chance, "is_deleted": False}
                )  # fmt: skip

    def show(self, kind: str, columns: tuple[str, ...]) -> None:
        """Let an object be seen that an app must be allowed to see."""
        self.rows[kind], self.fields[kind], self._columns[kind] = {}, [], columns

    # -- writing ---------------------------------------------------------------------------

    def create(self, kind: str, **values: Any) -> str:
        """Create a record and return its id."""
        with self.lock:
            self._next += 1
            key, now = str(self._next), text_of(self.clock())
            own = {n: v for n, v in values.items() if self._is_own(kind, n)}
            row: Record = {
                **dict.fromkeys(self._columns[kind]), "id": self._next, "add_time": now,
                "update_time": now, "is_deleted": False, **values, "custom_fields": {},
            }  # fmt: skip
            for name in own:
                row["custom_fields"][name] = row.pop(name)
            if kind == "deals":
                row |= {"status": values.get("status", "open"), "is_archived": False}
                row["pipeline_id"] = self._pipeline(row["stage_id"])
            self._show(lambda: self.rows[kind].__setitem__(key, row))
            return key

    def _is_own(self, kind: str, name: str) -> bool:
        return any(one["field_code"] == name for one in self.fields[kind])

    def _pipeline(self, stage: Any) -> int:
        return int(next(one["pipeline_id"] for one in self.stages if one["id"] == stage))

    def update(self, kind: str, key: str, **values: Any) -> None:
        """Change fields of a record: stamps it, and tells the changelog."""
        with self.lock:
            now = text_of(self.clock())

            def show() -> None:
                row = self.rows[kind][key]
                # what another write overtook is stamped as it comes: changes stand in order
                at = now if row["update_time"] <= now else text_of(self.clock())
                self._put(kind, key, row, dict(values), at)

            self._show(show)

    def _put(self, kind: str, key: str, row: Record, values: Record, at: str) -> None:
        if "stage_id" in values and self._pipeline(values["stage_id"]) != row["pipeline_id"]:
            values["pipeline_id"] = self._pipeline(values["stage_id"])
        ended = values.get("status")
        if ended in ("won", "lost"):
            end = values.get(f"{ended}_time") or at
            values |= {f"{ended}_time": end, "close_time": end}
        elif ended == "open":
            values |= {"won_time": None, "lost_time": None, "close_time": None}
        for name, new in values.items():
            place = row["custom_fields"] if self._is_own(kind, name) else row
            old = place.get(name)
            if old == new:
                continue
            place[name] = new
            row["update_time"] = at
            if kind == "deals":
                told = {"owner_id": "user_id", "pipeline_id": "pipeline"}.get(name, name)
                self.changes.setdefault(key, []).append(
                    {"field_key": told, "old_value": _told(old), "new_value": _told(new),
                     "actor_user_id": 1, "time": at.replace("T", " ").removesuffix("Z"),
                     "change_source": "app", "is_bulk_update_flag": False}
                )  # fmt: skip

    def delete(self, kind: str, key: str) -> None:
        """Delete a record: for thirty days it is still known."""
        with self.lock:
            now = text_of(self.clock())
            self.rows[kind][key] |= {"is_deleted": True, "update_time": now, "delete_time": now}

    def restore(self, kind: str, key: str) -> None:
        """Bring a deleted record back: it is stamped."""
        with self.lock:
            now = text_of(self.clock())
            self.rows[kind][key] |= {"is_deleted": False, "update_time": now, "delete_time": None}

    def purge(self, kind: str, key: str) -> None:
        """Forget a record for good."""
        with self.lock:
            del self.rows[kind][key]

    def archive(self, key: str, *, is_archived: bool = True) -> None:
        """Put a deal aside: it is listed elsewhere, and remains a deal."""
        with self.lock:
            self.rows["deals"][key] |= {
                "is_archived": is_archived, "update_time": text_of(self.clock())
            }  # fmt: skip

    def merge(self, kind: str, kept: str, other: str) -> None:
        """Merge a record into another; what belongs to it moves without a stamp."""
        with self.lock:
            self.delete(kind, other)
            self.rows[kind][other]["merge_what_id"] = int(kept)
            self.rows[kind][kept]["update_time"] = text_of(self.clock())
            names = _REFERENCES.get(kind, ())
            for rows in self.rows.values():
                for row in rows.values():
                    row |= {name: int(kept) for name in names if row.get(name) == int(other)}

    def ordered(self, kind: str) -> list[Record]:
        """Return the records of a kind by id; the list is kept while none comes or goes."""
        rows, kept = self.rows[kind], self._ordered.get(kind)
        if kept is None or kept[0] != (len(rows), next(reversed(rows), "")):
            found = sorted(rows.values(), key=lambda row: int(row["id"]))
            kept = self._ordered[kind] = ((len(rows), next(reversed(rows), "")), found)
        return kept[1]

    def of_keys(self, kind: str, keys: Iterable[str]) -> list[Record]:
        """Return the records of some keys, by id."""
        rows = self.rows[kind]
        return sorted((rows[k] for k in {*keys} if k in rows), key=lambda row: int(row["id"]))

    def indexed_at(self, row: Record) -> float:
        """Return when a search could first know a record: at once, `lag` seconds later."""
        return datetime.fromisoformat(row["add_time"]).timestamp()

    def user(self, name: str) -> int:
        """Add a user and return the id."""
        self._next += 1
        now = text_of(self.clock()).replace("T", " ").removesuffix("Z")
        self.users[str(self._next)] = {
            "id": self._next, "name": name, "email": f"u{self._next}@acme.example",
            "active_flag": True, "created": now, "modified": now, "phone": None,
        }  # fmt: skip
        return self._next

    def field_add(self, kind: str, label: str, options: tuple[str, ...] = ()) -> str:
        """Add a field of the company's own and return its 40 hex digits."""
        key = hashlib.sha1(f"{kind}{label}".encode(), usedforsecurity=False).hexdigest()
        self.fields[kind].append(
            {"field_code": key, "field_name": label, "is_custom_field": True,
             "field_type": "enum" if options else "varchar",
             "options": [{"id": i, "label": o} for i, o in enumerate(options, 1)] or None}
        )  # fmt: skip
        return key

    def field_remove(self, kind: str, key: str) -> None:
        """Take a field away: its values are no longer told."""
        with self.lock:
            self.fields[kind] = [one for one in self.fields[kind] if one["field_code"] != key]
            for row in self.rows[kind].values():
                row["custom_fields"].pop(key, None)


def _told(value: Any) -> str | None:
    return None if value is None else str(value)


_COLUMNS = {
    "deals": ("title", "value", "currency", "stage_id", "pipeline_id", "owner_id", "org_id",
              "person_id", "expected_close_date", "won_time", "lost_time", "close_time",
              "lost_reason", "origin", "probability"),
    "persons": ("name", "first_name", "last_name", "emails", "phones", "org_id", "owner_id",
                "job_title"),
    "organizations": ("name", "owner_id", "address", "website", "annual_revenue",
                      "employee_count"),
}  # fmt: skip
_PIPELINES = (
    ("Pipeline", (("Qualified", 10), ("Contact Made", 30), ("Proposal Made", 60),
                  ("Negotiations Started", 80))),
    ("Renouvellements", (("À relancer", 50), ("Accord oral", 90))),
)  # fmt: skip
