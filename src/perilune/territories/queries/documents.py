"""Territories as JSON takes them: one document for the command line and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from perilune.kernel.asof import AsOf
from perilune.territories.contracts import (
    REASON_LABELS,
    DraftHead,
    HandOver,
    Holding,
    InForce,
    Placing,
    RulePreview,
    Sheet,
    SheetRow,
)
from perilune.ui import formats

SCHEMA = 1


def in_force_document(rows: Sequence[InForce], as_of: AsOf) -> dict[str, Any]:
    """Return the territories in force; accounts is null for whoever sees totals only."""
    return {
        "schema": SCHEMA,
        "as_of": as_of.day.isoformat(),
        "territories": [
            {
                "id": row.id,
                "name": row.name,
                "code": row.code or None,
                "layer": row.layer,
                "type": row.type or None,
                "parent": row.parent_id,
                "plan": row.plan or None,
                "in_force_from": row.effective_from.isoformat(),
                "reps": _reps(row.reps),
                "accounts": row.accounts,
            }
            for row in rows
        ],
    }


def holding_document(held: Holding, as_of: AsOf) -> dict[str, Any]:
    """Return who holds an account."""
    owner = {"id": held.owner_id, "name": held.owner} if held.owner_id else None
    return {
        "schema": SCHEMA,
        "as_of": as_of.day.isoformat(),
        "account": {"id": held.account_id, "name": held.account},
        "owner": owner,
        "territories": [
            {
                "id": one.territory_id,
                "name": one.territory,
                "layer": one.layer,
                "since": one.since.isoformat(),
                "reps": _reps(one.reps),
            }
            for one in held.territories
        ],
    }


def _reps(reps: Sequence[tuple[int, str, str]]) -> list[dict[str, Any]]:
    return [{"id": rep, "name": name, "role": role} for rep, name, role in reps]


def plans_document(heads: Sequence[DraftHead]) -> dict[str, Any]:
    """Return plans as a list shows them."""
    return {"schema": SCHEMA, "plans": [head_document(head) for head in heads]}


def head_document(head: DraftHead) -> dict[str, Any]:
    """Return one plan of a list."""
    day = head.effective_from
    return {
        "id": head.id,
        "name": head.name,
        "layer": head.layer,
        "state": head.state.value,
        "author": head.author,
        "edition": head.edition,
        "as_of": head.as_of.day.isoformat(),
        "accounts": head.accounts,
        "territories": head.territories,
        "effective_from": day.isoformat() if day else None,
    }


def sheet_document(head: DraftHead, sheet: Sheet) -> dict[str, Any]:
    """Return a plan in figures, cut to what the reader sees; money is text in major units."""
    return {
        "schema": SCHEMA,
        "plan": head_document(head),
        "currency": sheet.currency,
        "is_partial": sheet.is_partial,
        "territories": [_row(row, sheet) for row in sheet.territories],
        "reps": [_row(row, sheet) for row in sheet.reps],
        "total": _row(sheet.total, sheet),
        "unassigned": sheet.unassigned,
        "moved": sheet.moved,
        "moved_cost": round(sheet.moved_cost, 6),
        "worst": dict(zip(sheet.attributes, sheet.worst, strict=True)),
    }


def _row(row: SheetRow, sheet: Sheet) -> dict[str, Any]:
    return {
        "number": row.number,
        "name": row.name,
        "rep": {"id": row.rep_id, "name": row.rep} if row.rep_id else None,
        "accounts": row.accounts,
        "values": dict(zip(sheet.attributes, row.values, strict=True)),
        "deviation": dict(zip(sheet.attributes, row.deviation, strict=True)),
        "is_within": row.is_within,
        "pipeline": _money(row.pipeline, sheet.currency),
        "bookings": _money(row.bookings, sheet.currency),
        "quota": _money(row.quota, sheet.currency),
        "road_km": round(row.road, 3),
        "moved_in": row.moved_in,
        "moved_out": row.moved_out,
    }


def handover_document(head: DraftHead, rows: Sequence[HandOver], currency: str) -> dict[str, Any]:
    """Return what changes hands by a plan, the dearest first."""
    return {
        "schema": SCHEMA,
        "plan": head_document(head),
        "currency": currency,
        "accounts": [
            {
                "id": row.account_id,
                "name": row.account,
                "from": {"id": row.from_rep, "name": row.from_name} if row.from_rep else None,
                "to": {"id": row.to_rep, "name": row.to_name} if row.to_rep else None,
                "territory": row.territory,
                "reason": row.reason.value,
                "why": gettext(REASON_LABELS[row.reason]),
                "open_deals": row.open_deals,
                "deals_that_stay": row.stays,
                "pipeline": _money(row.pipeline, currency),
                "bookings": _money(row.bookings, currency),
                "months": round(row.months, 2),
                "cost": round(row.cost, 4),
                "suggested": row.suggested.isoformat(),
            }
            for row in rows
        ],
    }


def place_document(placed: Placing, as_of: AsOf) -> dict[str, Any]:
    """Return where an account that arrives would belong; several: rules disagree.

    plan: whose kept rules said it, null where the territories in force gave them.
    """
    return {
        "schema": SCHEMA,
        "as_of": as_of.day.isoformat(),
        "territory": placed.territory or None,
        "several": list(placed.several),
        "of_accounts": placed.known,
        "plan": {"id": placed.plan_id, "name": placed.plan} if placed.plan_id else None,
        "rule": placed.rule,
        "asks": list(placed.asks),
    }


def rules_document(head: DraftHead, found: RulePreview) -> dict[str, Any]:
    """Return what the kept rules of a plan would do to accounts as they are now."""
    return {
        "schema": SCHEMA,
        "plan": head_document(head),
        "accounts": found.accounts,
        "unmatched": found.unmatched,
        "ambiguous": found.ambiguous,
        "arrived": [
            {
                "id": one.id,
                "name": one.name,
                "territory": one.goal or None,
                "rule": one.rule,
                "several": list(one.several),
                "now": one.now or None,
                "rep": {"id": one.rep_id, "name": one.rep} if one.rep_id else None,
            }
            for one in found.arrivals
        ],
        "elsewhere": [
            {"id": one.id, "name": one.name, "plan": one.plan, "territory": one.goal,
             "rule": one.rule}
            for one in found.elsewhere
        ],
        "by_hand": len(found.by_hand),
    }  # fmt: skip


def _money(minor: int | None, currency: str) -> str | None:
    return None if minor is None else str(formats.major(minor, currency))
