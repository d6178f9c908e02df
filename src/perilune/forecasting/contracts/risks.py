"""Risks on deals and on the portfolio: what speaks for them, and what they put at stake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from perilune.forecasting.contracts.mitigations import Mitigation
from perilune.forecasting.contracts.ranges import Note
from perilune.forecasting.contracts.risk_kinds import MINOR_KINDS, RiskKind
from perilune.kernel.messages import gettext_noop as _

CORE = 0.8
"""The share of the revenue at risk that a list of a workable length carries."""

NO_CHANCES = _("No chance is known for this deal, so no revenue at risk is shown.")
TOO_FEW_PEERS = _("Only %(peers)s like deals without this risk: too few for a figure.")
NO_MODEL = _("There is not enough history for chances: risks are listed without revenue at risk.")


@dataclass(frozen=True)
class Figure:
    """Revenue at risk, minor units: value x (chance of like deals without the risk - own chance).

    revenue: never below zero; None where `why_none` says why. peers: like deals without the risk.
    chance_without: their mean chance of being won in the period. is_material: enough is at stake to
    call it a risk (`engine.risks.is_material`); what has no figure stays one.
    """

    revenue: float | None
    chance_without: float | None = None
    peers: int = 0
    why_none: Note | None = None
    is_material: bool = True


@dataclass(frozen=True)
class DealRisk:
    """One risk of a deal: what speaks for it, and what it puts at stake.

    facts: the numbers of its sentence: `days`, `times`, `limit` (days), `people`.
    """

    kind: RiskKind
    facts: Mapping[str, float]
    figure: Figure
    mitigation: Mitigation | None = None


@dataclass(frozen=True)
class DealAtRisk:
    """An open deal with what speaks against it, gravest first. value: minor units, None unknown.

    win: its chance of being won in the period. revenue: the largest of its risks' figures: they
    overlap and are never summed. silenced: risks put to sleep, which do not count.
    """

    id: int
    name: str
    account: str
    owner_id: int | None
    owner: str
    team_id: int | None
    team: str
    stage: str
    close_date: date | None
    value: int | None
    win: float | None
    risks: tuple[DealRisk, ...]
    silenced: tuple[DealRisk, ...] = ()

    @property
    def revenue(self) -> float | None:
        """What is at stake; None where no risk has a figure."""
        return max(
            (risk.figure.revenue for risk in self.risks if risk.figure.revenue is not None),
            default=None,
        )

    @property
    def is_awake(self) -> bool:
        """Whether a risk that counts by itself and puts something at stake is not asleep."""
        return any(risk.kind not in MINOR_KINDS and risk.figure.is_material for risk in self.risks)

    @property
    def kinds(self) -> tuple[RiskKind, ...]:
        """The kinds that count, gravest first."""
        return tuple(risk.kind for risk in self.risks)

    @property
    def gravest(self) -> DealRisk:
        """The risk that puts most at stake, else the first."""
        return max(self.risks, key=lambda risk: risk.figure.revenue or 0.0)


def at_stake(deals: Iterable[DealAtRisk]) -> float | None:
    """Return the sum of what deals put at stake, each counted once; None without figures."""
    known = [deal.revenue for deal in deals if deal.revenue is not None]
    return sum(known) if known else None


@dataclass(frozen=True)
class PortfolioRisk:
    """A risk of everything in scope. subject: what it is about, such as `account:12`.

    facts: the numbers and names of its sentence. share: of what open deals are expected to bring,
    where that is what it is about. deals: those it rests on.
    """

    kind: RiskKind
    subject: str
    facts: Mapping[str, float | str]
    figure: Figure
    share: float | None = None
    deals: tuple[int, ...] = ()
    mitigation: Mitigation | None = None


@dataclass(frozen=True)
class RiskList:
    """The answer for a period: deals at risk (most at stake first), portfolio risks, and basis.

    asleep: deals with a sleeping risk.

    open_deals: how many open deals were looked at. expected: what they are expected to bring in the
    period, minor units, None without chances. note: why there are no figures.
    sql: the statement that read the facts.
    """

    deals: tuple[DealAtRisk, ...]
    asleep: tuple[DealAtRisk, ...]
    portfolio: tuple[PortfolioRisk, ...]
    open_deals: int
    expected: float | None
    scope_label: str
    note: Note | None = None
    sql: str = ""
    store_version: int = 0

    @property
    def core(self) -> tuple[DealAtRisk, ...]:
        """The first deals that carry eight tenths of the revenue at risk; all without figures."""
        whole, run = self.revenue, 0.0
        if not whole:
            return self.deals
        for place, deal in enumerate(self.deals, 1):
            run += deal.revenue or 0.0
            if run >= CORE * whole:
                return self.deals[:place]
        return self.deals

    @property
    def revenue(self) -> float | None:
        """The sum of what the deals put at stake, each counted once; None without figures."""
        return at_stake(self.deals)
