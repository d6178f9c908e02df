"""The board: a pipeline's deals by stage, counted and summed in the company's currency."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from perilune.crm.contracts import DealCard, StageColumn
from perilune.crm.engine import Watched, warnings_of
from perilune.crm.queries.names import titles
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.store import queries as store

CARDS = 15
"""Cards shown per column; the rest behind «show all»."""

CLOSED_DAYS = 90
"""Won and lost columns hold the deals closed in so many days up to the as-of."""


def pipelines(as_of: AsOf) -> list[tuple[int, str]]:
    """Return (id, name) of the pipelines in their order."""
    sql = "SELECT t.id, t.name FROM pipeline AS t ORDER BY t.position NULLS LAST, t.id"
    rows = store.run_sql(sql, scope=Scope.company(), as_of=as_of).rows
    return [(record_id, name or f"#{record_id}") for record_id, name in rows]


def stages(as_of: AsOf, pipeline_id: int | None = None) -> list[dict[str, Any]]:
    """Return the stages (of a pipeline) in their order, with every field."""
    sql = """
        SELECT t.id, t.name, t.pipeline_id, t.position, t.meaning, t.category, t.probability,
            t.is_qualified
        FROM stage AS t ORDER BY t.pipeline_id NULLS LAST, t.position NULLS LAST, t.id"""
    rows = store.run_sql(sql, scope=Scope.company(), as_of=as_of).dicts()
    return [row for row in rows if pipeline_id is None or row["pipeline_id"] == pipeline_id]


def board(
    pipeline_id: int,
    *,
    scope: Scope,
    as_of: AsOf,
    cards: int = CARDS,
    owner_id: int | None = None,
    first_id: int | None = None,
) -> list[StageColumn]:
    """Return a pipeline's columns: open deals of each stage, closed ones of the last 90 days.

    first_id: a deal that stands on top of its column, because somebody has just put it there.
    """
    if scope.aggregates_only:
        raise Refused(_("You see totals here, not rows."))
    params = {
        "pipeline_id": pipeline_id,
        "since": as_of.day - timedelta(days=CLOSED_DAYS),
        "cards": cards,
        "owner_id": owner_id,
    }
    sums = {
        row["stage_id"]: row
        for row in store.run("crm.board_columns", params, scope=scope, as_of=as_of).dicts()
    }
    rows = store.run("crm.board_cards", params, scope=scope, as_of=as_of).dicts()
    if first_id is not None:
        top = store.run("crm.board_card", {"id": first_id}, scope=scope, as_of=as_of).dicts()
        rows = [*top, *(row for row in rows if row["id"] != first_id)]
    shown = _cards(rows, as_of, scope)
    columns = []
    for stage in stages(as_of, pipeline_id):
        summed = sums.get(stage["id"], {})
        columns.append(
            StageColumn(
                stage_id=stage["id"],
                name=stage["name"] or f"#{stage['id']}",
                meaning=stage["meaning"] or "open",
                count=summed.get("n", 0),
                total=summed.get("value") or 0,
                cards=tuple(card for card in shown if card.stage_id == stage["id"]),
                unrated=summed.get("unrated", 0),
            )
        )
    return columns


def _cards(rows: Sequence[dict[str, Any]], as_of: AsOf, scope: Scope) -> list[DealCard]:
    ids = [row["id"] for row in rows]
    owners = titles("rep", {r["owner_id"] for r in rows if r["owner_id"]}, as_of)
    accounts = titles("account", {r["account_id"] for r in rows if r["account_id"]}, as_of)
    entered = _since(ids, scope, as_of)
    touched, are_kept = _touches(ids, scope, as_of)
    cards = []
    for row in rows:
        since = entered.get(row["id"])
        known = [day for day in (touched.get(row["id"]), since) if day is not None]
        deal = Watched(
            row["meaning"], row["close_date"], row["next_step"], max(known, default=None)
        )
        cards.append(
            DealCard(
                id=row["id"],
                name=row["name"] or f"#{row['id']}",
                stage_id=row["stage_id"],
                owner=owners.get(row["owner_id"], ""),
                account=accounts.get(row["account_id"], ""),
                value=row["value"],
                close_date=row["close_date"],
                stage_days=(as_of.day - since).days if since else None,
                warnings=tuple(warnings_of(deal, as_of.day, are_activities_kept=are_kept)),
            )
        )
    return cards


def _since(ids: list[int], scope: Scope, as_of: AsOf) -> dict[int, date]:
    """Return the day on which each deal entered the stage that it is in."""
    rows = store.run("crm.stage_since", {"ids": ids}, scope=scope, as_of=as_of).rows
    return dict(rows)


def _touches(ids: list[int], scope: Scope, as_of: AsOf) -> tuple[dict[int, date], bool]:
    """Return each deal's latest activity, and whether this company keeps activities at all."""
    rows = store.run("crm.last_activity", {"ids": ids}, scope=scope, as_of=as_of).rows
    kept = "SELECT COUNT(*) AS n FROM activity AS t WHERE t.opportunity_id IS NOT NULL"
    count = store.run_sql(kept, scope=Scope.company(), as_of=as_of).scalar()
    return dict(rows), bool(count)


def deal_warnings(deal_id: int, *, scope: Scope, as_of: AsOf) -> tuple[DealCard, ...]:
    """Return the card of one deal (or none when it is not seen), for its record page."""
    params = {"id": deal_id}
    rows = store.run("crm.board_card", params, scope=scope, as_of=as_of).dicts()
    return tuple(_cards(rows, as_of, scope))
