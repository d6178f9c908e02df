"""What crosses the border of `forecasting`: ranges and their track record, submissions, runs."""

from perilune.forecasting.contracts.behind import (
    Behind,
    LargeDeal,
)
from perilune.forecasting.contracts.mitigations import (
    DOING_LABELS,
    MITIGATION,
    OUTCOME_LABELS,
    ClosedMitigation,
    Compared,
    Doing,
    Mitigation,
    Outcome,
    RiskKey,
)
from perilune.forecasting.contracts.ranges import (
    BY_LABELS,
    METHOD,
    NONE_BELOW,
    STATUS_LABELS,
    THIN_BELOW,
    Backtest,
    By,
    ForecastRequest,
    ForecastResult,
    ForecastRow,
    MemberRow,
    Note,
    Pinned,
    Point,
    RunInfo,
    Status,
)
from perilune.forecasting.contracts.risk_kinds import (
    DEAL_KINDS,
    PORTFOLIO_KINDS,
    RISK_WORDS,
    RiskKind,
    RiskWords,
)
from perilune.forecasting.contracts.risks import (
    DealAtRisk,
    DealRisk,
    Figure,
    PortfolioRisk,
    RiskList,
)
from perilune.forecasting.contracts.submissions import (
    CATEGORIES,
    SUBMISSION,
    Submitted,
)

KINDS = (SUBMISSION, MITIGATION)
"""The kinds of record that forecasting keeps."""

__all__ = [
    "BY_LABELS",
    "CATEGORIES",
    "DEAL_KINDS",
    "DOING_LABELS",
    "KINDS",
    "METHOD",
    "MITIGATION",
    "NONE_BELOW",
    "OUTCOME_LABELS",
    "PORTFOLIO_KINDS",
    "RISK_WORDS",
    "STATUS_LABELS",
    "SUBMISSION",
    "THIN_BELOW",
    "Backtest",
    "Behind",
    "By",
    "ClosedMitigation",
    "Compared",
    "DealAtRisk",
    "DealRisk",
    "Doing",
    "Figure",
    "ForecastRequest",
    "ForecastResult",
    "ForecastRow",
    "LargeDeal",
    "MemberRow",
    "Mitigation",
    "Note",
    "Outcome",
    "Pinned",
    "Point",
    "PortfolioRisk",
    "RiskKey",
    "RiskKind",
    "RiskList",
    "RiskWords",
    "RunInfo",
    "Status",
    "Submitted",
]
