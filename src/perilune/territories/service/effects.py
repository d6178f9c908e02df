"""What a plan writes on its day: territories, seats, members, owners of accounts and deals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from perilune.history.contracts import Batch, Creation, Update, to_us
from perilune.history.service import reserve_ids
from perilune.kernel.asof import AsOf
from perilune.kernel.kinds import Scalar
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store
from perilune.territories.contracts import REGION, HoldOver, Loaded, TerritoryRow

BATCH = 4000
_IDS = 5000

Row = Mapping[str, Any]


@dataclass
class Effects:
    """What a plan writes, by kind.

    begins: the instant from which it is known. records: territory number to the record that it is;
    ended: records of territories that end; regions: of regions that do. kept: accounts that changed
    hands by hand meanwhile and are left to whoever has them.
    """

    day: date
    begins: datetime
    creations: dict[str, list[Creation]] = field(default_factory=lambda: defaultdict(list))
    updates: dict[str, list[Update]] = field(default_factory=lambda: defaultdict(list))
    records: dict[int, int] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    regions: set[int] = field(default_factory=set)
    accounts: int = 0
    deals: int = 0
    kept: tuple[int, ...] = ()

    @property
    def us(self) -> int:
        """That instant as the history writes it."""
        return to_us(self.begins)

    def batches(self) -> Iterator[Batch]:
        """Give it in batches that are each written well under a second."""
        kinds = ("territory", "territory_seat", "territory_account", "account", "opportunity")
        for kind in kinds:
            born, changed = self.creations[kind], self.updates[kind]
            for at in range(0, len(born), BATCH):
                yield Batch(kind, creations=born[at : at + BATCH])
            for at in range(0, len(changed), BATCH):
                yield Batch(kind, updates=changed[at : at + BATCH])

    def begin(self, kind: str, values: Sequence[Mapping[str, Scalar]]) -> list[int]:
        """Begin records on the day; return their ids."""
        ids = list(reserve_ids(kind, len(values))) if values else []
        for record, given in zip(ids, values, strict=True):
            first = {**given, "effective_from": self.day.isoformat()}
            self.creations[kind].append(Creation(record, self.us, first))
        return ids

    def end(self, kind: str, ids: Sequence[int]) -> None:
        """End records on the eve of the day."""
        eve = (self.day - timedelta(days=1)).isoformat()
        self.updates[kind] += [Update(id_, self.us, "effective_to", None, eve) for id_ in ids]


def effects_of(found: Loaded, day: date, begins: datetime) -> Effects:
    """Return what a plan writes on its day, from what stands now; the store must be up to date.

    begins: the instant from which it is known.
    """
    effects = Effects(day, begins)
    owners = dict(store.run("territories.owners", scope=Scope.company(), as_of=_now()).rows)
    there = np.isin(found.accounts.ids, np.fromiter(owners, np.int64, len(owners)))
    standing = _standing(found.head.layer, day)
    seats = _by_territory(standing["territory_seat"])
    _territories(effects, found, standing)
    _seats(effects, found, seats)
    _emptied(effects, found, standing, seats)
    _members(effects, found, standing["territory_account"], there)
    if not found.head.layer:
        moved = _owners(effects, found, owners, there)
        hand_deals(effects, found.head.hold_over, moved)
    return effects


def _standing(layer: str, day: date) -> dict[str, list[Row]]:
    """Return what is in force in a layer on or after a day, by kind."""
    result = store.run("territories.standing", {"starts": day}, scope=Scope.company(), as_of=_now())
    found: dict[str, list[Row]] = defaultdict(list)
    for row in result.dicts():
        if row["layer"] == layer:
            found[row["kind"]].append(row)
    return found


def _by_territory(rows: Sequence[Row]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["territory_id"]].append(row)
    return found


def _now() -> AsOf:
    here = company()
    return here.today if here.is_archive else AsOf.instant(datetime.now(UTC), here.zone)


def _territories(effects: Effects, found: Loaded, standing: Mapping[str, list[Row]]) -> None:
    """Carry on the territories that stand, under their new names, and begin new ones."""
    size = len(found.rows) + 1
    count = np.bincount(np.where(found.territory >= 0, found.territory, size - 1), minlength=size)
    there = {row["id"]: row for row in standing["territory"]}
    number = str(found.head.id)
    carried = [row for row in found.rows if row.record_id in there]
    fresh = [
        row for row in found.rows
        if row.record_id not in there and (count[row.number] or row.rep_id)
    ]  # fmt: skip
    plan: dict[str, Scalar] = {"plan": number}
    if found.head.layer:
        plan["layer"] = found.head.layer
    regions = _regions(effects, [*carried, *fresh], standing, plan)
    types = {row["id"]: row["type"] for row in standing["territory"]}
    for row in carried:
        record = row.record_id or 0
        effects.records[row.number] = record
        now = there[record]
        # a parent of another kind is left: somebody else's hierarchy
        above = now["parent_id"]
        if row.region or types.get(above) == REGION:
            above = regions.get(row.region)
        wanted = {"name": row.name, "plan": number, "parent_id": above}
        for field_, new in wanted.items():
            if now[field_] != new:
                effects.updates["territory"].append(
                    Update(record, effects.us, field_, now[field_], new)
                )
    ids = effects.begin("territory", [
        {"name": row.name, **plan, **({"parent_id": regions[row.region]} if row.region else {})}
        for row in fresh
    ])  # fmt: skip
    effects.records |= {row.number: id_ for row, id_ in zip(fresh, ids, strict=True)}


def _regions(
    effects: Effects,
    rows: Sequence[TerritoryRow],
    standing: Mapping[str, list[Row]],
    plan: Mapping[str, Scalar],
) -> dict[str, int]:
    """Return the record of each region by its name: one that stands, else one that begins."""
    wanted = list(dict.fromkeys(row.region for row in rows if row.region))
    found = {row["name"]: row["id"] for row in standing["territory"] if row["type"] == REGION}
    new = [name for name in wanted if name not in found]
    ids = effects.begin("territory", [{"name": name, "type": REGION, **plan} for name in new])
    return found | dict(zip(new, ids, strict=True))


def _end_regions(effects: Effects, standing: Mapping[str, list[Row]]) -> None:
    """End the regions of the layer that no territory that stands is in any more."""
    parents = {
        row["id"]: row["parent_id"] for row in standing["territory"]
        if row["id"] not in effects.ended
    }  # fmt: skip
    for update in effects.updates["territory"]:
        if update.field == "parent_id":
            parents[update.record_id] = update.new
    held = set(parents.values()) | {
        creation.values.get("parent_id") for creation in effects.creations["territory"]
    }
    effects.regions = {
        row["id"] for row in standing["territory"] if row["type"] == REGION
    } - held  # fmt: skip


def _seats(effects: Effects, found: Loaded, seats: Mapping[int, Sequence[Row]]) -> None:
    """Begin the seats of the plan's reps, end those of others in the same role."""
    role = "overlay" if found.head.layer else "owner"
    begun: list[dict[str, Scalar]] = []
    for row in found.rows:
        territory = effects.records.get(row.number)
        if territory is None:
            continue
        held = [seat for seat in seats.get(territory, ()) if (seat["name"] or "owner") == role]
        effects.end("territory_seat", [s["id"] for s in held if s["of_id"] != row.rep_id])
        if row.rep_id is not None and all(seat["of_id"] != row.rep_id for seat in held):
            begun.append({"territory_id": territory, "rep_id": row.rep_id, "role": role})
    effects.begin("territory_seat", begun)


def _emptied(
    effects: Effects,
    found: Loaded,
    standing: Mapping[str, list[Row]],
    seats: Mapping[int, Sequence[Row]],
) -> None:
    """End territories that the plan does not carry on and that hold nothing outside of it."""
    carried = set(effects.records.values())
    mine = set(found.accounts.ids.tolist())
    members = _by_territory(standing["territory_account"])
    given_up = {holder.record_id for holder in found.holders if holder.record_id}
    for row in standing["territory"]:
        held = members.get(row["id"], [])
        is_mine = all(member["of_id"] in mine for member in held)
        if row["id"] in carried or not is_mine or not (held or row["id"] in given_up):
            continue
        effects.ended.add(row["id"])
        effects.end("territory_seat", [seat["id"] for seat in seats.get(row["id"], ())])
    _end_regions(effects, standing)
    effects.end("territory", sorted(effects.ended | effects.regions))


def _members(
    effects: Effects, found: Loaded, members: Sequence[Row], there: np.ndarray[Any, Any]
) -> None:
    """End the places that accounts leave and begin those that they take."""
    held: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in members:
        held[row["of_id"]].append((row["id"], row["territory_id"]))
    begun: list[dict[str, Scalar]] = []
    ended: list[int] = []
    for at in np.flatnonzero(there).tolist():
        account = int(found.accounts.ids[at])
        goal = effects.records.get(int(found.territory[at]))
        places = held.get(account, [])
        ended += [id_ for id_, territory in places if territory != goal]
        if goal is not None and all(territory != goal for _id, territory in places):
            begun.append({"territory_id": goal, "account_id": account, "origin": "plan"})
    effects.end("territory_account", ended)
    effects.begin("territory_account", begun)


def _owners(
    effects: Effects, found: Loaded, owners: Mapping[int, int], there: np.ndarray[Any, Any]
) -> dict[int, tuple[int, int]]:
    """Give moved accounts to the rep in the seat; return account to (rep before, rep after).

    One that changed hands by hand since the start of the day is left: what is written is known
    from the start of the day, and the later edit stands.
    """
    moved: dict[int, tuple[int, int]] = {}
    kept: list[int] = []
    then = dict(store.run("territories.owners", scope=Scope.company(), as_of=_begins(effects)).rows)
    goal = found.reps[found.territory]
    for at in np.flatnonzero(found.moved & there).tolist():
        account, rep = int(found.accounts.ids[at]), int(goal[at])
        now = owners[account]
        if now != then.get(account):
            kept.append(account)
        elif now != rep:
            moved[account] = now, rep
            change = Update(account, effects.us, "owner_id", now or None, rep)
            effects.updates["account"].append(change)
    effects.accounts = len(moved)
    still = np.flatnonzero(~found.moved & there & (found.territory >= 0))
    ids, before = found.accounts.ids[still].tolist(), found.accounts.owner[still].tolist()
    kept += [a for a, rep in zip(ids, before, strict=True) if owners[a] != rep]
    effects.kept = tuple(sorted(kept))
    return moved


def hand_deals(effects: Effects, rule: HoldOver, moved: Mapping[int, tuple[int, int]]) -> None:
    """Let open deals of the accounts' owners go with them, but those that the rule holds over.

    Open on the day as well as now: where the plan comes late, what closed meanwhile stays.
    """
    if rule is HoldOver.ALL_STAY or not moved:
        return
    then = {(row["id"], row["owner_id"]) for row in _open(moved, _begins(effects))}
    for row in _open(moved, _now()):
        stays = rule is HoldOver.COMMIT_STAYS and row["category"] == "commit"
        before, after = moved[row["account_id"]]
        is_same = (row["id"], before) in then and row["owner_id"] == before
        if is_same and not stays:
            change = Update(row["id"], effects.us, "owner_id", before, after)
            effects.updates["opportunity"].append(change)
    effects.deals = len(effects.updates["opportunity"])


def _begins(effects: Effects) -> AsOf:
    return AsOf.instant(effects.begins, company().zone)


def _open(accounts: Mapping[int, Any], as_of: AsOf) -> Iterator[dict[str, Any]]:
    ids = sorted(accounts)
    for at in range(0, len(ids), _IDS):
        params = {"ids": ids[at : at + _IDS]}
        result = store.run(
            "territories.deals_to_hand_over", params, scope=Scope.company(), as_of=as_of
        )
        yield from result.dicts()
