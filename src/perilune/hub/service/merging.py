"""Merging records into one, as one change set that can be taken back at any later time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from perilune.history import queries as history
from perilune.history.contracts import DELETED, Batch, Conflict, Update, to_us
from perilune.history.service import bulk_append, change_set, identities_follow, retract
from perilune.hub.contracts.merging import (
    MERGEABLE,
    PURPOSE,
    Merged,
    MergePlan,
    Outcome,
    Rule,
    Rules,
    Standing,
)
from perilune.hub.engine.merging import kept_by_default, numbers_apart, survive
from perilune.hub.models import SurvivorRules
from perilune.kernel.errors import Conflict as Changed
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.kinds import FieldType
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.wiring import KINDS
from perilune.people.queries import writing_time

MOST = 50
"""Records that one merge takes: more is a fault in the search, not one company."""


@dataclass(frozen=True)
class Undone:
    """What taking a merge back did: the sets, newest first, and later edits that stand."""

    change_set_ids: tuple[int, ...]
    records: int
    conflicts: tuple[Conflict, ...]


def rules_of(kind: str) -> Rules:
    """Return whose value survives by field of a kind, as the company set it."""
    row = SurvivorRules.objects.filter(kind=kind).first()
    if row is None:
        return Rules()
    return Rules({name: Rule(rule) for name, rule in row.rules.items()}, tuple(row.sources))


def set_rules(kind: str, rules: Rules) -> None:
    """Say whose value survives; Invalid for a field that the kind does not have."""
    _require_kind(kind)
    names = {item.name for item in history.all_fields(kind)}
    unknown = sorted(set(rules.by_field) - names)
    if unknown:
        raise NotFound("%(kind)s has no field %(field)s.", kind=kind, field=unknown[0])
    SurvivorRules.objects.update_or_create(
        kind=kind,
        defaults={
            "rules": {name: Rule(rule).value for name, rule in rules.by_field.items()},
            "sources": list(rules.sources),
        },
    )


def merge_preview(
    kind: str, ids: Sequence[int], *, kept: int | None = None,
    chosen: Mapping[str, int] | None = None, may_differ: bool = False,
) -> MergePlan:  # fmt: skip
    """Return what merging records would do.

    chosen: field to the record whose value is wanted. may_differ: show it although registration
    numbers say that it would be refused. Invalid for fewer than two records, for too
    many, and where a registration number says that they are not one thing; NotFound where one of
    them is not there (any more).
    """
    records = _standing(kind, ids)
    if kind == "account" and not may_differ:
        _require_one_number(records)
    kept = kept_by_default(records) if kept is None else kept
    if kept not in {one.id for one in records}:
        raise Invalid(_("The record that stays must be one of those merged."))
    names = [item.name for item in history.all_fields(kind)]
    outcomes = survive(names, records, kept, rules=rules_of(kind), chosen=chosen or {})
    moves = _Moves(kind, frozenset(one.id for one in records), kept)
    return MergePlan(
        kind, kept, tuple(records), tuple(_not_itself(kind, outcomes, moves.gone, kept)),
        Counter(move.kind for move in moves.moving), Counter(kind for kind, _id in moves.dropped),
        _mark(records),
    )  # fmt: skip


def merge(
    kind: str, ids: Sequence[int], *, actor: str, kept: int | None = None,
    chosen: Mapping[str, int] | None = None, mark: str | None = None,
) -> Merged:  # fmt: skip
    """Make records one: everything that refers to the others refers to the one that stays.

    Nothing is lost: histories stay, the ids that are gone lead to the one that stays, and
    `merge_undo` restores all of it. Conflict when the records changed since the preview of `mark`.
    """
    with transaction.atomic():
        plan = merge_preview(kind, ids, kept=kept, chosen=chosen)
        if mark is not None and mark != plan.mark:
            raise Changed(_("These records changed since they were shown. Look at them again."))
        gone = tuple(one.id for one in plan.records if one.id != plan.kept)
        moves = _Moves(kind, frozenset(one.id for one in plan.records), plan.kept)
        before = next(one for one in plan.records if one.id == plan.kept).values
        title = str(next((o.value for o in plan.outcomes if o.field == _title(kind)), "") or "")
        known_at = writing_time() or datetime.now(UTC)
        with change_set(actor=actor, title=title, purpose=PURPOSE, known_at=known_at) as writer:
            for batch in moves.batches(to_us(known_at)):
                bulk_append(writer.id, batch)
            values = {o.field: o.value for o in plan.outcomes if o.value != before.get(o.field)}
            writer.change(kind, plan.kept, values)
            for record_id in gone:
                writer.delete(kind, record_id)
            identities_follow(kind, gone, plan.kept, writer.id)
    return Merged(writer.id, kind, plan.kept, gone, len(moves.moving))


def merge_undo(change_set_id: int, *, actor: str, with_later: bool = False) -> Undone:
    """Take a merge back: every record is again what it was, but for later edits, which are told.

    A merge whose result was merged on is taken back after that one: with_later does both, newest
    first; without it Refused says how many there are. NotFound when there is no such merge.
    """
    info = history.set_info(change_set_id)
    if info is None or info.purpose != PURPOSE or info.retracted_at is not None:
        raise NotFound(_("There is no merge %(id)s to take back."), id=change_set_id)
    later = history.merges_after(change_set_id) if with_later else []
    sets = [*sorted(later, reverse=True), change_set_id]
    undone = [retract(each, actor) for each in sets]
    return Undone(
        tuple(sets),
        sum(each.records for each in undone),
        tuple(conflict for each in undone for conflict in each.conflicts),
    )


# -- the records -----------------------------------------------------------------------------------


def _require_kind(kind: str) -> None:
    if kind not in MERGEABLE:
        raise Invalid(_("Records of this kind are not merged."))


def _standing(kind: str, ids: Sequence[int]) -> list[Standing]:
    _require_kind(kind)
    wanted = list(dict.fromkeys(ids))
    if len(wanted) < 2:
        raise Invalid(_("A merge needs two records."))
    if len(wanted) > MOST:
        raise Invalid(_("At most %(most)s records are merged into one."), most=MOST)
    states = history.raw_states(kind, wanted)
    if len(states) < len(wanted):
        raise NotFound(_("One of these records is not there any more."))
    times = history.field_times(kind, wanted)
    related = Counter[int]()
    for name, field in _references(kind):
        model = history.model_of(KINDS.get(name))._default_manager
        related.update(model.filter(**{f"{field}__in": wanted}).values_list(field, flat=True))
    records = [
        Standing(
            record_id,
            {name: value for name, value in states[record_id].items() if value is not None},
            times[record_id],
            frozenset(source for source, _key in history.identities_of(kind, record_id)),
            related[record_id],
        )
        for record_id in wanted
    ]
    return records


def _require_one_number(records: Sequence[Standing]) -> None:
    apart = numbers_apart(records)
    if apart:
        raise Invalid(
            _("Their %(number)s differ: these are not one account. Correct the number first."),
            number=next(f.label for f in history.all_fields("account") if f.name == apart),
        )


def _title(kind: str) -> str:
    return KINDS.get(kind).title_field


def _mark(records: Sequence[Standing]) -> str:
    text = repr([(one.id, sorted(one.values.items()), one.related) for one in records])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _not_itself(
    kind: str, outcomes: Sequence[Outcome], gone: frozenset[int], kept: int
) -> list[Outcome]:
    """Return outcomes in which a record does not become its own parent."""
    own = {
        item.name
        for item in KINDS.get(kind).fields
        if item.type is FieldType.REFERENCE and item.target == kind
    }
    return [
        Outcome(o.field, None, None, o.rule, o.differs)
        if o.field in own and (o.value in gone or o.value == kept)
        else o
        for o in outcomes
    ]


# -- what refers to them ---------------------------------------------------------------------------


def _references(kind: str) -> list[tuple[str, str]]:
    """Return (kind, field) of every field of any kind that refers to records of this one."""
    return [
        (declared.name, item.name)
        for declared in KINDS
        for item in declared.fields
        if item.type is FieldType.REFERENCE and item.target == kind
    ]


@dataclass(frozen=True)
class _Move:
    kind: str
    id: int
    field: str
    old: int


class _Moves:
    """What would refer to the kept record, and what would then be there twice and ends."""

    def __init__(self, kind: str, ids: frozenset[int], kept: int) -> None:
        self.kind, self.kept, self.gone = kind, kept, ids - {kept}
        self.moving: list[_Move] = []
        self.dropped: set[tuple[str, int]] = set()
        for name, field in _references(kind):
            self._look(name, field)

    def _look(self, name: str, field: str) -> None:
        declared = KINDS.get(name)
        rows = history.model_of(declared)._default_manager
        moving = rows.filter(**{f"{field}__in": self.gone}).order_by("id")
        once = declared.once_by if field in declared.once_by else ()
        taken: set[tuple[Any, ...]] = set()
        if once:
            taken.update(rows.filter(**{field: self.kept}).values_list(*once))
        for record in moving.values("id", field, *once):
            if name == self.kind and record["id"] in self.gone | {self.kept}:
                continue  # one of those merged: it ends, or is told by its outcome
            as_moved = tuple(self.kept if part == field else record[part] for part in once)
            if once and as_moved in taken:
                self.dropped.add((name, record["id"]))
                continue
            taken.add(as_moved)
            self.moving.append(_Move(name, record["id"], field, record[field]))

    def batches(self, known_us: int) -> list[Batch]:
        """Return the rows to write, by kind."""
        updates: dict[str, list[Update]] = {}
        for move in self.moving:
            if (move.kind, move.id) not in self.dropped:
                updates.setdefault(move.kind, []).append(
                    Update(move.id, known_us, move.field, move.old, self.kept)
                )
        for name, record_id in sorted(self.dropped):
            updates.setdefault(name, []).append(
                Update(record_id, known_us, DELETED, old=False, new=True)
            )
        return [Batch(name, (), rows) for name, rows in updates.items()]
