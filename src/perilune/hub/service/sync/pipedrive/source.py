"""A Pipedrive account as the sync engine wants a source."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from perilune.hub.contracts.sync import Ask, Page, SourceField, SourceObject, SourceStage
from perilune.hub.service.sync.pipedrive.asking import IDS_AT_ONCE, Asking, Json
from perilune.hub.service.sync.pipedrive.goals import rows_of
from perilune.hub.service.sync.pipedrive.objects import OBJECTS, OWN, SYSTEM
from perilune.hub.service.sync.pipedrive.rows import (
    cells_of,
    instant,
    past_of,
    text_of,
    user_cells,
)

LIST, PAST, KEYS = 500, 20, IDS_AT_ONCE
"""Rows of a page: listed; deals of which the changelog is asked one by one; read by ids."""

_FIELDS = {
    "deals": "dealFields", "persons": "personFields", "organizations": "organizationFields",
}  # fmt: skip
_PLAIN = frozenset({"users", "leads", "products", "dealProducts", "goals"})
"""Objects that are not asked whether they were deleted: what is not listed any more is gone."""

_MORE = frozenset({"activities", "leads", "products", "dealProducts"})
"""Objects that an app may not be allowed to see: they are looked for."""

_WON, _LOST = ("won", "Won", 1.0), ("lost", "Lost", 0.0)


class Account:
    """A Pipedrive account, as `Source` wants it."""

    def __init__(
        self,
        address: str,
        keys: Mapping[str, Any],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ask = Asking(address, keys, sleep=sleep)
        self.wire = self._ask.wire
        self._fields: dict[str, list[Json]] = {}

    @property
    def asking(self) -> Asking:
        """What the account is asked with."""
        return self._ask

    # -- what a source must be able to do --------------------------------------------------

    def objects(self) -> Sequence[SourceObject]:
        """Return the objects that can be synced; what others refer to comes last."""
        return OBJECTS

    def describe(self, name: str) -> tuple[SourceField, ...]:
        """Return the fields of an object as they are now: the vendor's, then the company's own."""
        self._fields.pop(name, None)
        stages = self._stages() if name == "deals" else ()
        if name == "leads":
            self._ask.leads(0, 1)
        elif name == "goals":
            self._ask.goals()
        elif name in _MORE:
            self._ask.listed("products" if name == "dealProducts" else name, "", limit=1)
        fields = [
            SourceField(column, of, label, "", False, stages if column == "stage" else ())
            for column, of, label in (*SYSTEM, *OWN[name])
            if name not in _PLAIN or column not in ("is_deleted", "merged_into")
        ]
        fields += [
            SourceField(str(one["field_code"]), str(one["field_type"]), str(one["field_name"]),
                        "", True)
            for one in self.own_fields(name)
        ]  # fmt: skip
        return tuple(fields)

    def own_fields(self, name: str) -> list[Json]:
        """Return the company's own fields, each known by 40 hex digits."""
        if name not in self._fields:
            told = self._ask.every(_FIELDS[name]) if name in _FIELDS else []
            self._fields[name] = [one for one in told if one.get("is_custom_field")]
        return self._fields[name]

    def _options(self, name: str) -> dict[str, dict[str, str]]:
        return {
            str(one["field_code"]): {
                text_of(o.get("id")): str(o["label"]) for o in one["options"]
            }
            for one in self.own_fields(name)
            if one.get("options")
        }  # fmt: skip

    def _stages(self) -> tuple[SourceStage, ...]:
        """Return the stages of each pipeline, then its two ends: a status here, stages for us."""
        pipelines = sorted(self._ask.every("pipelines"), key=lambda one: int(one["order_nr"]))
        stages = sorted(self._ask.every("stages"), key=lambda one: int(one["order_nr"]))
        found = []
        for pipeline in pipelines:
            key, label = str(pipeline["id"]), str(pipeline["name"])
            mine = [one for one in stages if str(one["pipeline_id"]) == key]
            for place, one in enumerate(mine, start=1):
                chance = min(float(one.get("deal_probability") or 0) / 100, 1.0)
                found.append(
                    SourceStage(str(one["id"]), str(one["name"]), key, label, "open", chance, place)
                )
            for place, (end, name, chance) in enumerate((_WON, _LOST), start=len(mine) + 1):
                found.append(SourceStage(f"{end}:{key}", name, key, label, end, chance, place))
        return tuple(found)

    def clock(self) -> datetime:
        """Return the account's own time, to the second."""
        return self._ask.clock()

    def usage(self) -> tuple[int, int]:
        """Return nothing: Pipedrive does not tell what is left of the day's budget."""
        return 0, 0

    def counts(self, item: SourceObject) -> Mapping[str, int]:
        """Return no months: lists have no filter of creation, so that they are listed whole."""
        return {}

    def page(self, ask: Ask, token: str) -> Page:
        """Return a page of an answer: what is listed, then archived deals, then deleted ones."""
        name, _sign, past = ask.object.partition("/")
        if name in ("users", "goals"):
            rows = self._users() if name == "users" else self._goals()
            return Page([_row(r, ask) for r in rows if not ask.keys or r["id"] in ask.keys], "", -1)
        if past:
            return self._past(ask, token)
        if name == "leads":
            return self._leads(ask, token)
        if name == "dealProducts":
            return self._lines(ask, token)
        if ask.keys:
            return self._of_keys(name, ask, int(token or 0))
        way, _sign, cursor = (token or "list:").partition(":")
        since = _since(ask)
        path = {"list": name, "archived": "deals/archived", "gone": name}[way]
        status = "deleted" if way == "gone" else ""
        told, after = self._ask.listed(path, cursor, since=since, status=status, limit=LIST)
        rows = self._gone(name, told) if way == "gone" else self.cells(name, told)
        return Page([_row(cells, ask) for cells in rows], _then(name, way, after, ask), -1)

    # -- rows ------------------------------------------------------------------------------

    def cells(self, name: str, told: Sequence[Json]) -> list[dict[str, str]]:
        """Return records as cells by column."""
        options = self._options(name) if told else {}
        return [cells_of(name, one, options) for one in told]

    def _users(self) -> list[dict[str, str]]:
        return [user_cells(one) for one in self._ask.users()]

    def _goals(self) -> list[dict[str, str]]:
        goals, codes = self._ask.goals(), self._ask.currencies()
        today = (self.wire.told_at or datetime.now(UTC)).date()
        return [row for one in goals for row in rows_of(one, codes, today)]

    def _of_keys(self, name: str, ask: Ask, start: int) -> Page:
        keys = list(ask.keys[start : start + KEYS])
        told, _after = self._ask.listed(name, "", keys=keys)
        if name == "deals":
            told += self._ask.listed("deals/archived", "", keys=keys)[0]
        told = [one for one in told if not one.get("is_deleted")]
        rows = self.cells(name, told)
        seen = {cells["id"] for cells in rows}
        if ask.with_gone:
            rows += self._gone(name, [{"id": key} for key in keys if key not in seen])
        after = start + KEYS
        return Page(
            [_row(cells, ask) for cells in rows], str(after) if after < len(ask.keys) else "", -1
        )

    def _lines(self, ask: Ask, token: str) -> Page:
        """Return the lines of some deals: of those that keys name, or of all, deal by deal."""
        if ask.keys:
            start = int(token or 0)
            deals = sorted({key.partition(":")[0] for key in ask.keys})
            some, then = deals[start : start + KEYS], start + KEYS
            token = str(then) if then < len(deals) else ""
        else:
            way, _sign, cursor = (token or "list:").partition(":")
            path = "deals" if way == "list" else "deals/archived"
            told, after = self._ask.listed(path, cursor, limit=KEYS)
            some = [str(one["id"]) for one in told]
            token = f"{way}:{after}" if after else "archived:" if way == "list" else ""
        rows = self.cells("dealProducts", self._ask.lines(some) if some else [])
        rows = [cells for cells in rows if not ask.keys or cells["id"] in ask.keys]
        return Page([_row(cells, ask) for cells in rows], token, -1)

    def _leads(self, ask: Ask, token: str) -> Page:
        """Return a page of leads, by place, then of archived ones; those of keys one by one."""
        if ask.keys:
            told = [self._ask.lead(key) for key in ask.keys]
            return Page(
                [_row(c, ask) for c in self.cells("leads", list(filter(None, told)))], "", -1
            )
        way, _sign, start = (token or "list:0").partition(":")
        rows, after = self._ask.leads(int(start), LIST, is_archived=way == "archived")
        then = f"{way}:{after}" if after else "archived:0" if way == "list" else ""
        return Page([_row(cells, ask) for cells in self.cells("leads", rows)], then, -1)

    def _gone(self, name: str, told: Sequence[Json]) -> list[dict[str, str]]:
        """Return deleted records, each asked what it lives on as; what nobody knows is left out."""
        rows = []
        for brief in told:
            one = self._ask.one(name, str(brief["id"]))
            is_gone = one is not None and (
                one.get("is_deleted") or one.get("deleted") or one.get("active_flag") is False
            )
            if one is not None and is_gone:
                stamp = instant(one.get("delete_time") or one.get("update_time"))
                rows.append(
                    {"id": str(one["id"]), "add_time": instant(one["add_time"]),
                     "update_time": stamp, "is_deleted": "true",
                     "merged_into": text_of(one.get("merge_what_id"))}
                )  # fmt: skip
        return rows

    # -- the past --------------------------------------------------------------------------

    def _past(self, ask: Ask, token: str) -> Page:
        """Return the whole past of some deals: the changelog is asked deal by deal."""
        if ask.keys:
            start = int(token or 0)
            keys = list(ask.keys[start : start + PAST])
            told = self._ask.listed("deals", "", keys=keys)[0]
            told += self._ask.listed("deals/archived", "", keys=keys)[0]
            after = str(start + PAST) if start + PAST < len(ask.keys) else ""
        else:
            way, _sign, cursor = (token or "list:").partition(":")
            path = "deals" if way == "list" else "deals/archived"
            told, cursor = self._ask.listed(path, cursor, limit=PAST)
            after = f"{way}:{cursor}" if cursor else ("archived:" if way == "list" else "")
        rows = [
            row
            for one in told
            for row in past_of(one, self._ask.changes(str(one["id"])), ask.fields)
        ]
        return Page(rows, after, -1)


def _row(cells: Mapping[str, str], ask: Ask) -> list[str]:
    return [cells.get(column, "") for column in ask.columns]


def _since(ask: Ask) -> str:
    if ask.since is None:
        return ""
    return ask.since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _then(name: str, way: str, after: str, ask: Ask) -> str:
    """Return the token of what comes next: more of the same, then the next kind of list."""
    if after:
        return f"{way}:{after}"
    ways = ["list", "archived", "gone"] if name == "deals" else ["list"]
    left = ways[ways.index(way) + 1 :]
    left = [one for one in left if one != "gone" or ask.with_gone]
    return f"{left[0]}:" if left else ""
