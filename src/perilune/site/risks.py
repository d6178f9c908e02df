"""Deals at risk as notices and packs tell them: grouped by the gravest reason, with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from perilune.forecasting.contracts import DEAL_KINDS, RISK_WORDS, DealAtRisk
from perilune.forecasting.queries import top_risks
from perilune.kernel.asof import AsOf
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.metrics import queries as metrics

BIG = 3
"""A deal is big from this many times the mean value of the open deals in scope on."""

REASONS: Mapping[str, tuple[str, str]] = {
    kind.value: (RISK_WORDS[kind].label, RISK_WORDS[kind].action) for kind in DEAL_KINDS
}
"""reason: (what it is, what to do), English msgids, gravest first: the risks of forecasting."""
BIG_LABEL = _("big deal")


@dataclass(frozen=True)
class RiskDeal:
    """An open deal at risk. value: minor units of the company's currency; close_date: ISO text.
    revenue: what is at stake by the model, minor units; None without a figure."""

    id: int
    name: str
    owner_id: int | None
    owner: str
    account: str
    value: int | None
    close_date: str
    reasons: tuple[str, ...]
    is_big: bool
    revenue: int | None = None

    def kept(self) -> dict[str, Any]:
        """Return the deal as JSON keeps it."""
        return asdict(self) | {"reasons": list(self.reasons)}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> RiskDeal:
        """Return the deal that JSON kept."""
        return cls(**{**kept, "reasons": tuple(kept["reasons"])})


def top(as_of: AsOf, scope: Scope, limit: int) -> list[RiskDeal]:
    """Return the deals at risk that weigh most; none where only totals may be shown."""
    found = top_risks(as_of, scope, limit)
    if not found:
        return []
    stages = metrics.open_by_stage(as_of, scope)
    count = sum(row["n"] for row in stages)
    mean = sum(row["value"] or 0 for row in stages) / count if count else 0
    return [_deal(deal, mean) for deal in found]


def _deal(deal: DealAtRisk, mean: float) -> RiskDeal:
    return RiskDeal(
        id=deal.id,
        name=deal.name,
        owner_id=deal.owner_id,
        owner=deal.owner,
        account=deal.account,
        value=deal.value,
        close_date=deal.close_date.isoformat() if deal.close_date else "",
        reasons=tuple(kind.value for kind in deal.kinds),
        is_big=bool(deal.value and mean and deal.value >= BIG * mean),
        revenue=None if deal.revenue is None else round(deal.revenue),
    )


def grouped(deals: Iterable[RiskDeal]) -> list[tuple[str, list[RiskDeal]]]:
    """Return the deals by their gravest reason, each named once."""
    groups: dict[str, list[RiskDeal]] = {}
    for deal in deals:
        groups.setdefault(deal.reasons[0], []).append(deal)
    return [(name, groups[name]) for name in REASONS if name in groups]
