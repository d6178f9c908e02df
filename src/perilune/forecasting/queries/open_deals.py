"""Open deals with their chances, and how such chances did before."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import timedelta
from typing import TypeVar, cast

from perilune.forecasting.contracts import OpenDeal, OpenDeals
from perilune.insights import queries as insights
from perilune.insights.contracts import DealReliability
from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain, Period
from perilune.kernel.keeping import Kept
from perilune.kernel.scope import Scope
from perilune.people.queries import company as current_company
from perilune.store import queries as store
from perilune.store import service

WINDOW = 28
_memory = Kept[object](32)
Answer = TypeVar("Answer")


def open_deals(period: Period, as_of: AsOf, scope: Scope) -> OpenDeals:
    """Return the open deals that a scope sees with their chances in a period.

    As known at the as-of. No deals where the scope may not see rows (`is_withheld`), or where no
    model is on record.
    """
    return _kept(
        ("deals", period, as_of.at, scope.digest(), scope.label),
        lambda: _read(period, as_of, scope),
    )


def deal_record(as_of: AsOf, scope: Scope) -> DealReliability:
    """Return how chances to be won within 28 days did in the last weeks (rule 10: of the scope)."""
    return _kept(("record", as_of.at, scope.digest()), lambda: insights.reliability(as_of, scope))


def next_weeks(as_of: AsOf) -> Period:
    """Return the 28 days after an as-of: the window whose chances are scored."""
    start, end = as_of.day + timedelta(days=1), as_of.day + timedelta(days=WINDOW)
    return Period(start, end, f"{start} - {end}", Grain.MONTH, start.year)


def _read(period: Period, as_of: AsOf, scope: Scope) -> OpenDeals:
    currency = current_company().currency
    if scope.aggregates_only:
        return OpenDeals(period, as_of, currency, scope.label, (), 0, is_withheld=True)
    answer = store.run("forecasting.open_deals", scope=scope, as_of=as_of)
    rows = {row["id"]: row for row in answer.dicts()}
    chances = insights.chances(period, as_of, scope) if rows else ()
    deals = tuple(
        OpenDeal(
            id=chance.id,
            name=row["name"] or f"#{chance.id}",
            owner_id=row["owner_id"],
            owner=row["owner"] or "",
            team_id=row["team_id"],
            team=row["team"] or "",
            stage_id=row["stage_id"],
            stage=row["stage"] or "",
            close_date=row["close_date"],
            value=row["value"],
            chance=chance,
        )
        for chance in chances
        # the gate of the store has the last word on what may be shown
        if (row := rows.get(chance.id)) is not None
    )
    return OpenDeals(
        period, as_of, currency, scope.label, deals, len(rows), sql=answer.sql,
        store_version=store.freshness().version,
    )  # fmt: skip


def _kept(key: Hashable, ask: Callable[[], Answer]) -> Answer:
    """Return an answer that was given before, unless the store, a model or a setting changed."""
    company = current_company()
    settings = (company.currency, str(company.zone), company.calendar)
    stamp = (service.current().path, store.freshness().version, insights.models_on_record())
    whole = (key, stamp, settings)
    return cast(Answer, _memory.get(whole, ask))
