"""The rows behind a rule's figure, the worklist of whoever asks, and what a draft would flag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from perilune.crm.queries import titles
from perilune.history.queries import all_fields
from perilune.hub.contracts.quality import (
    BrokenRow,
    QualityException,
    QualityRule,
    Verdict,
)
from perilune.hub.queries.quality.asked import asked
from perilune.hub.queries.quality.rules import accepted_ids, exceptions_at, rules_at
from perilune.hub.queries.quality.scores import sql_of
from perilune.kernel.asof import AsOf
from perilune.kernel.kinds import FieldType
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.store import queries as store

PAGE = 50
EXPORTED = 100_000
"""Rows of a rule that a file holds at most; the page says how many there are."""


@dataclass(frozen=True)
class RowsPage:
    """Rows that break a rule: one page of all `count` of them."""

    rows: tuple[BrokenRow, ...]
    count: int
    page: int = 1


def broken_rows(
    rule: QualityRule, as_of: AsOf, scope: Scope, *, page: int = 1, size: int = PAGE,
    with_snoozed: bool = True,
) -> RowsPage:  # fmt: skip
    """Return records that break a rule, those of the largest amounts first, cut to the gate.

    What was accepted as it is does not break it; what is put off does, and says so, unless it is
    left out by `with_snoozed`.
    """
    snoozed = {
        one.record_id: one
        for one in exceptions_at(as_of, Verdict.SNOOZE, rule.kind)
        if one.rule == rule.key
    }
    out = [] if with_snoozed else sorted(snoozed)
    span = (size, size * (max(page, 1) - 1))
    found, count = _found(rule, as_of, scope, out, span)
    return RowsPage(tuple(_shown(rule, found, as_of, snoozed)), count, max(page, 1))


def _found(
    rule: QualityRule, as_of: AsOf, scope: Scope, out: Sequence[int], span: tuple[int, int]
) -> tuple[list[dict[str, Any]], int]:
    made, sight, owner = sql_of(rule.kind, [rule], as_of, scope)
    _applies, breaks = made.pairs[0]
    left_out = [*accepted_ids([rule], as_of).get(rule.key, ()), *out]
    where = f"{sight} AND {breaks}" if sight else f"WHERE {breaks}"
    if left_out:
        where += f" AND t.id NOT IN ({made.give(left_out)})"
    fields = {item.name for item in all_fields(rule.kind)}
    currency = "t.currency" if "currency" in fields else "CAST(NULL AS VARCHAR)"
    title = KINDS.get(rule.kind).title_field
    name = f't."{title}"' if title else "CAST(NULL AS VARCHAR)"
    order = "COALESCE(t.amount, 0) DESC, t.id" if "amount" in fields else "t.id"
    sql = (
        f'SELECT t.id, {name} AS title, {owner} AS owner_id, t."{rule.field}" AS value,'
        f" {currency} AS currency, COUNT(*) OVER () AS n {made.source} {where}"
        f" ORDER BY {order} LIMIT {span[0]} OFFSET {span[1]}"
    )
    rows = store.run_sql(sql, made.made.params, scope=Scope.company(), as_of=as_of).dicts()
    if rows or not span[1]:
        return rows, rows[0]["n"] if rows else 0
    return [], _found(rule, as_of, scope, out, (1, 0))[1]


def _shown(
    rule: QualityRule, rows: Sequence[Mapping[str, Any]], as_of: AsOf,
    snoozed: Mapping[int, QualityException],
) -> Iterator[BrokenRow]:  # fmt: skip
    owners = titles("rep", [row["owner_id"] for row in rows if row["owner_id"]], as_of)
    item = next(one for one in all_fields(rule.kind) if one.name == rule.field)
    named: Mapping[int, str] = {}
    if item.type is FieldType.REFERENCE:
        named = titles(item.target, [row["value"] for row in rows if row["value"]], as_of)
    for row in rows:
        value = row["value"]
        if item.type is FieldType.REFERENCE and value is not None:
            value = named.get(value, f"#{value}")
        yield BrokenRow(
            rule, row["id"], row["title"] or f"#{row['id']}", row["owner_id"] or None,
            owners.get(row["owner_id"], ""), value, row["currency"] or "", snoozed.get(row["id"]),
        )  # fmt: skip


def worklist(
    as_of: AsOf, scope: Scope, *, per_rule: int = 10, kinds: Sequence[str] = ()
) -> list[tuple[QualityRule, RowsPage]]:
    """Return what is to mend by rule, what weighs most first; what is put off is left out."""
    found = []
    for rule in rules_at(as_of):
        if kinds and rule.kind not in kinds:
            continue
        page = broken_rows(rule, as_of, scope, size=per_rule, with_snoozed=False)
        if page.count:
            found.append((rule, page))
    return sorted(found, key=lambda one: (-one[0].weight, -one[1].count, one[0].key))


@dataclass(frozen=True)
class Preview:
    """What a draft of a rule would find. new: of the flagged, those that no rule flags yet."""

    applies: int
    flagged: int
    new: int
    sample: tuple[BrokenRow, ...]


def preview(draft: QualityRule, as_of: AsOf, scope: Scope) -> Preview:
    """Return what a rule would flag, and how much of it no rule in force flags; writes nothing."""
    others = [rule for rule in rules_at(as_of) if rule.kind == draft.kind]
    made = asked(draft.kind, [draft, *others], as_of)
    (applies, breaks), *rest = made.pairs
    is_known = " OR ".join(pair[1] for pair in rest) or "FALSE"
    sql = (
        f"SELECT COUNT(CASE WHEN {applies} THEN 1 END) AS applies,"
        f" COUNT(CASE WHEN {breaks} THEN 1 END) AS flagged,"
        f" COUNT(CASE WHEN {breaks} AND NOT ({is_known}) THEN 1 END) AS fresh {made.source}"
    )
    row = store.run_sql(sql, made.made.params, scope=Scope.company(), as_of=as_of).dicts()[0]
    sample = broken_rows(draft, as_of, scope, size=10).rows if row["flagged"] else ()
    return Preview(row["applies"], row["flagged"], row["fresh"], sample)
