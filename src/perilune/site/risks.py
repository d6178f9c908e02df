"""Deals at risk as notices and packs tell them: grouped by the gravest reason, with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.metrics import queries as metrics

BIG = 3
"""A deal is big from this many times the mean value of the open deals in scope on."""

REASONS: Mapping[str, tuple[str, str]] = {
    "overdue": (
        _("Close date has passed"),
        _("Agree a new date with the customer, or close the deal as lost."),
    ),
    "pushed": (
        _("Pushed to a later quarter at least twice"),
        _("Ask what has to happen before the customer signs; move it out if nothing is agreed."),
    ),
    "silent": (
        _("No activity or change for a month"),
        _("Contact the customer this week, or close the deal."),
    ),
    "no_next_step": (
        _("No next step"),
        _("Write down the next step and its day."),
    ),
}
"""reason: (what it is, what to do), English msgids, gravest first."""
BIG_LABEL = _("big deal")


@dataclass(frozen=True)
class RiskDeal:
    """An open deal at risk. value: minor units of the company's currency; close_date: ISO text."""

    id: int
    name: str
    owner_id: int | None
    owner: str
    account: str
    value: int | None
    close_date: str
    reasons: tuple[str, ...]
    is_big: bool

    def kept(self) -> dict[str, Any]:
        """Return the deal as JSON keeps it."""
        return asdict(self) | {"reasons": list(self.reasons)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> RiskDeal:
        """Return the deal that JSON kept."""
        return cls(**{**kept, "reasons": tuple(kept["reasons"])})


def top(as_of: AsOf, scope: Scope, limit: int) -> list[RiskDeal]:
    """Return the deals at risk that weigh most; none where only totals may be shown."""
    rows = metrics.risks(as_of, scope, limit=limit)
    if not rows:
        return []
    stages = metrics.open_by_stage(as_of, scope)
    count = sum(row["n"] for row in stages)
    mean = sum(row["value"] or 0 for row in stages) / count if count else 0
    return [_deal(row, mean) for row in rows]


def _deal(row: Mapping[str, Any], mean: float) -> RiskDeal:
    close: date | None = row["close_date"]
    value = row["value"]
    return RiskDeal(
        id=row["id"],
        name=row["name"] or f"#{row['id']}",
        owner_id=row["owner_id"],
        owner=row["owner"] or "",
        account=row["account"] or "",
        value=value,
        close_date=close.isoformat() if close else "",
        reasons=tuple(name for name in REASONS if name in row["reasons"]),
        is_big=bool(value and mean and value >= BIG * mean),
    )


def grouped(deals: Iterable[RiskDeal]) -> list[tuple[str, list[RiskDeal]]]:
    """Return the deals by their gravest reason, each named once."""
    groups: dict[str, list[RiskDeal]] = {}
    for deal in deals:
        groups.setdefault(deal.reasons[0], []).append(deal)
    return [(name, groups[name]) for name in REASONS if name in groups]
