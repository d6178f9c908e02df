"""A HubSpot account as the sync engine wants a source: whole answers, ids that resolve."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from perilune.hub.contracts.sync import (
    Ask,
    Changed,
    Cut,
    Page,
    SourceField,
    SourceObject,
    SourceStage,
)
from perilune.hub.engine.sync.windows import next_month
from perilune.hub.service.sync.hubspot.asking import Asking, Json
from perilune.hub.service.sync.hubspot.more import STAGE
from perilune.hub.service.sync.hubspot.objects import MERGED, OBJECTS, SHAPES
from perilune.hub.service.sync.hubspot.rows import (
    CAMPAIGN,
    LABELS,
    OWN,
    OWNER,
    after_of,
    archived_at,
    between,
    campaign_row,
    first_of,
    gone_row,
    instant,
    is_ours,
    merged,
    ms,
    named,
    owner_row,
    place_of,
    text_of,
    then,
    versions,
)
from perilune.hub.service.sync.landing import mixed
from perilune.kernel.errors import NotFound, Unavailable
from perilune.kernel.messages import gettext_noop as _

LIST, PAST, FIND, KEYS = 100, 50, 200, 100
"""Rows of a page: listed, listed with their past, searched for, read by ids (half with a past)."""

MANY = 200_000
"""Rows above which an object's months are counted one by one, and listed by search."""


def _there(name: str) -> str:
    """Return the object of HubSpot that one of ours is read from."""
    return SHAPES[name].of or name


class Portal:
    """A HubSpot account, as `Source` wants it."""

    def __init__(
        self,
        address: str,
        keys: Mapping[str, Any],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ask = Asking(address, keys, sleep=sleep)
        self.wire = self._ask.wire
        self._vouched: dict[str, set[str]] = {}
        self._words: dict[str, dict[str, str]] = {}
        self._shown: dict[str, bool] = {}

    @property
    def asking(self) -> Asking:
        """What the account is asked with."""
        return self._ask

    # -- what a source must be able to do --------------------------------------------------

    def objects(self) -> Sequence[SourceObject]:
        """Return the objects that can be synced; what others refer to comes last."""
        return OBJECTS

    def describe(self, name: str) -> tuple[SourceField, ...]:
        """Return the fields of an object as they are now: our own, then its properties."""
        if name == "campaigns":
            self._ask.campaigns(CAMPAIGN, "", 1)
            known = {one: LABELS[one] for one in OWNER[:3]} | CAMPAIGN
            return tuple(SourceField(one, *told) for one, told in known.items())
        if name not in SHAPES:
            return tuple(SourceField(one, *LABELS[one]) for one in OWNER)
        shape = SHAPES[name]
        fields = [SourceField(one, *LABELS[one]) for one in (*OWN, *shape.links)]
        stages = self._stages() if name == "deals" else ()
        if shape.is_more:  # its properties may be told where its records are not
            for near in (_there(name), *(shape.links.values() if shape.of else ())):
                self._ask.listed(near, (), "", 1)
        told = self._ask.properties(_there(name))
        there = {str(one["name"]) for one in told}
        fields += [
            SourceField(n, one.type, one.label)
            for n, one in shape.made.items() if n != shape.worded and {*one.of} <= there
        ]  # fmt: skip
        for one in told:
            key = str(one["name"])
            if one.get("hidden") or key == "pipeline":  # a stage tells its pipeline
                continue
            if key == STAGE and shape.worded:  # called as it was, so that a mapping follows
                key = shape.worded
            fields.append(
                SourceField(
                    key, str(one["type"]), str(one.get("label") or key), "",
                    not one.get("hubspotDefined"), stages if key == "dealstage" else (),
                )
            )  # fmt: skip
        return tuple(fields)

    def _stages(self) -> tuple[SourceStage, ...]:
        found = []
        for pipeline in sorted(self._ask.pipelines(), key=place_of):
            for place, one in enumerate(sorted(pipeline["stages"], key=place_of), start=1):
                facts = one.get("metadata") or {}
                chance = float(facts.get("probability") or 0)
                is_closed = str(facts.get("isClosed", "")).lower() == "true"
                meaning = ("won" if chance >= 1 else "lost") if is_closed else "open"
                found.append(
                    SourceStage(str(one["id"]), str(one["label"]), str(pipeline["id"]),
                                str(pipeline["label"]), meaning, chance, place)
                )  # fmt: skip
        return tuple(found)

    def clock(self) -> datetime:
        """Return the account's own time, to the second."""
        return self._ask.clock()

    def usage(self) -> tuple[int, int]:
        """Return (used, allowed) requests of the day as last told."""
        return self.wire.used, self.wire.allowed

    def counts(self, item: SourceObject) -> Mapping[str, int]:
        """Return how many live rows there are: of a small object the whole, of others by month."""
        if item.name not in SHAPES:
            return {"": 0}
        by, there = SHAPES[item.name].created, _there(item.name)
        told = self._ask.found(there, (by,), (), 1, by=by)
        total = int(told["total"])
        if total <= MANY or self._is_parted(item.name):  # search does not count a part
            return {"": total}
        result, month = {}, str(told["results"][0]["createdAt"])[:7]
        last = self._ask.clock().strftime("%Y-%m")
        while month <= last:
            born = [instant(f"{one}-01T00:00:00+00:00") for one in (month, next_month(month))]
            filters = between(by, born)
            found = int(self._ask.found(there, (), filters, 1)["total"])
            if found:
                result[month] = found
            month = next_month(month)
        return result

    def page(self, ask: Ask, token: str) -> Page:
        """Return a page of an answer; Changed where a property is no longer there.

        Keys go by the hundred, what changed is searched for, everything is listed; after the live
        records come the archived ones.
        """
        name, _sign, past = ask.object.partition("/")
        if name not in SHAPES:
            return (self._campaigns if name == "campaigns" else self._owners)(ask, token)
        if past:
            return self._past(name, ask, token)
        if ask.keys:
            return self._of_keys(name, ask, int(token or 0))
        way, _sign, rest = token.partition(":")
        if not way:
            way = "list" if ask.since is None and ask.born is None else "find"
        if way == "gone":
            return self._gone(name, ask, rest)
        return (self._list if way == "list" else self._find)(name, ask, rest)

    # -- rows ------------------------------------------------------------------------------

    def _list(self, name: str, ask: Ask, after: str) -> Page:
        tos = self._tos(name)
        told = self._ask.listed(_there(name), named(name, ask), after, LIST, tos)
        records = list(told["results"])
        near = {
            str(one["id"]): {
                to: ((one.get("associations") or {}).get(to) or {}).get("results", []) for to in tos
            }
            for one in records
        }
        before, after = after, after_of(told)
        if after and after == before:  # the rows of a part do not show that nothing new comes
            raise Unavailable(
                _("%(object)s: the answer repeats itself without an end; it was given up."),
                object=name,
            )
        return Page(self._rows(name, ask, records, near), then("list", after, ask), -1)

    def _find(self, name: str, ask: Ask, last: str) -> Page:
        """Search by id from the last one on: no answer is as long as the most that search gives."""
        filters: list[Json] = [
            {"propertyName": "hs_object_id", "operator": "GT", "value": last or "0"}
        ]
        if ask.since is not None:
            filters.append(
                {"propertyName": SHAPES[name].stamp, "operator": "GTE", "value": ms(ask.since)}
            )
        if ask.born is not None:
            filters += between(SHAPES[name].created, ask.born)
        told = self._ask.found(_there(name), named(name, ask), filters, FIND)
        records = list(told["results"])
        keys = [str(one["id"]) for one in records]
        total = int(told["total"])
        is_in_order = all(int(key) > int(last or 0) for key in keys) and len({*keys}) == len(keys)
        if len(records) < min(total, FIND) or not is_in_order:
            raise Cut(
                _("An answer was cut: %(got)s of %(total)s rows of %(object)s."),
                got=len(records), total=min(total, FIND), object=name,
            )  # fmt: skip
        rows = self._rows(name, ask, records, self._near(name, keys))
        after = max(keys, key=int) if total > len(records) else ""
        return Page(rows, then("find", after, ask), -1)

    def _gone(self, name: str, ask: Ask, after: str) -> Page:
        told = self._ask.listed(_there(name), (), after, LIST, archived=True)
        since = ask.since or datetime.min.replace(tzinfo=UTC)
        records = [one for one in told["results"] if archived_at(one) >= since]
        after = after_of(told)
        return Page([gone_row(one, ask) for one in records], f"gone:{after}" if after else "", -1)

    def _of_keys(self, name: str, ask: Ask, start: int) -> Page:
        keys = ask.keys[start : start + KEYS]
        records = self._ask.read(_there(name), named(name, ask), keys)
        records = list({str(one["id"]): one for one in records}.values())  # two may be merged
        near = self._near(name, [str(one["id"]) for one in records])
        rows = self._rows(name, ask, records, near)
        if ask.with_gone:  # what went over to another object of ours has ended as this one
            now = (self.wire.told_at or datetime.now(UTC)).isoformat()
            rows += [
                gone_row({**one, "archivedAt": now}, ask) for one in records
                if not is_ours(SHAPES[name], near[str(one["id"])])
            ]  # fmt: skip
        seen = {str(one["id"]) for one in records} | {k for one in records for k in merged(one)}
        left = [key for key in keys if key not in seen]
        if left and ask.with_gone:
            gone = self._ask.read(_there(name), (), left, archived=True)
            rows += [gone_row(one, ask) for one in gone]
        after = start + KEYS
        return Page(rows, str(after) if after < len(ask.keys) else "", -1)

    def _near(self, name: str, keys: Sequence[str]) -> dict[str, dict[str, list[Json]]]:
        """Ask what records are associated with: neither search nor batches tell."""
        found: dict[str, dict[str, list[Json]]] = {key: {} for key in keys}
        for to in self._tos(name) if keys else ():
            for key, near in self._ask.links(_there(name), to, keys).items():
                found.setdefault(key, {})[to] = near
        return found

    def _tos(self, name: str) -> list[str]:
        """Return the objects of which it is asked whether records are associated with them."""
        parted = {SHAPES[name].leaves} if self._is_parted(name) else set()
        return sorted({*SHAPES[name].links.values(), *parted} - {""})

    def _is_parted(self, name: str) -> bool:
        """Tell whether a HubSpot object feeds this one and another; not where that is not shown."""
        shape = SHAPES[name]
        if shape.leaves and shape.leaves not in self._shown:
            try:
                self._ask.listed(shape.leaves, (), "", 1)
                self._shown[shape.leaves] = True
            except NotFound:
                self._shown[shape.leaves] = False
        return bool(shape.of) or self._shown.get(shape.leaves, False)

    def _rows(
        self, name: str, ask: Ask, records: Sequence[Json],
        near: Mapping[str, Mapping[str, list[Json]]],
    ) -> list[list[str]]:  # fmt: skip
        """Return records as rows, and after each the ids that were merged into it."""
        rows = []
        shape = SHAPES[name]
        self._check(name, ask, records)
        for one in records:
            key = str(one["id"])
            if not is_ours(shape, near.get(key, {})):
                continue
            links = {
                column: first_of(near.get(key, {}).get(to, ()))
                for column, to in shape.links.items()
            }
            cells = {n: text_of(v) for n, v in (one.get("properties") or {}).items()}
            for column, made in shape.made.items():
                cells[column] = made.value(*(cells.get(part, "") for part in made.of))
            loose = tuple(links.values())
            if shape.worded:
                stage = cells[shape.worded]
                cells[shape.worded] = self.stage_words(name).get(stage, stage)
                loose += (cells[shape.worded],)
            cells |= links | {
                "id": key, "createdAt": str(one["createdAt"]), "archived": "false",
                "updatedAt": mixed(str(one["updatedAt"]), loose), "mergedInto": "",
            }  # fmt: skip
            rows.append([cells.get(column, "") for column in ask.columns])
            if ask.with_gone:
                told = cells | {"archived": "true", "mergedInto": key}
                rows += [
                    [(told | {"id": old}).get(column, "") for column in ask.columns]
                    for old in merged(one)
                ]
        return rows

    def stage_words(self, name: str) -> Mapping[str, str]:
        """Return the words of an object's stages by id, none where its pipelines are not shown."""
        if name not in self._words:
            try:
                pipelines = self._ask.pipelines(name)
            except NotFound:
                pipelines = []
            self._words[name] = {
                str(one["id"]): str(one["label"]) for p in pipelines for one in p["stages"]
            }
        return self._words[name]

    def _check(self, name: str, ask: Ask, records: Sequence[Json]) -> None:
        """Refuse rows that lack a property: HubSpot leaves unknown ones out without a word."""
        wanted = {*named(name, ask)} - self._vouched.get(name, set())
        if all(wanted <= (one.get("properties") or {}).keys() for one in records):
            return
        there = {str(one["name"]) for one in self._ask.properties(_there(name))}
        if SHAPES[name].worded not in ask.columns:
            there.add(STAGE)  # asked for the sake of the stamp alone
        if wanted - there - {MERGED}:
            raise Changed(_("The columns of %(object)s changed."), object=name)
        self._vouched[name] = self._vouched.get(name, set()) | wanted

    # -- the past --------------------------------------------------------------------------

    def _past(self, name: str, ask: Ask, token: str) -> Page:
        """Return the whole past of records: every version of each property that is read."""
        names = sorted({*ask.fields} - {*OWN, *SHAPES[name].links})
        if ask.keys:
            start, size = int(token or 0), KEYS // 2
            some = ask.keys[start : start + size]
            records = self._ask.read(name, names, some, with_past=True)
            after = str(start + size) if start + size < len(ask.keys) else ""
        else:
            told = self._ask.listed(name, names, token, PAST, with_past=True)
            records, after = list(told["results"]), after_of(told)
        return Page([row for one in records for row in versions(one, names)], after, -1)

    # -- short lists ------------------------------------------------------------------------

    def _campaigns(self, ask: Ask, after: str) -> Page:
        told = self._ask.campaigns(CAMPAIGN, after)
        rows = [campaign_row(one) for one in told["results"]]
        rows = [row for row in rows if not ask.keys or row["id"] in ask.keys]
        return Page([[row.get(c, "") for c in ask.columns] for row in rows], after_of(told), -1)

    def _owners(self, ask: Ask, token: str) -> Page:
        way, _sign, after = token.partition(":")
        is_archived = way == "gone"
        told = self._ask.owners(after, archived=is_archived)
        after = after_of(told)
        rows = [owner_row(one) for one in told["results"]]
        if ask.keys:
            rows = [row for row in rows if row["id"] in ask.keys]
        token = f"{'gone' if is_archived else 'live'}:{after}" if after else ""
        if not token and not is_archived:
            token = "gone:"
        return Page([[row.get(column, "") for column in ask.columns] for row in rows], token, -1)
