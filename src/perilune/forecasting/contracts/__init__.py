"""What crosses the border of `forecasting`: ranges and their track record, submissions, runs."""

from perilune.forecasting.contracts.behind import (
    Behind,
    LargeDeal,
)
from perilune.forecasting.contracts.bridge import (
    COMPONENT_LABELS,
    COMPONENT_MEANINGS,
    Bridge,
    BridgeDeal,
    BridgeLine,
    BridgeRequest,
    BridgeRow,
    Component,
    RateGap,
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
from perilune.forecasting.contracts.submissions import (
    CATEGORIES,
    SUBMISSION,
    Submitted,
)

KINDS = (SUBMISSION,)
"""The kinds of record that forecasting keeps."""

__all__ = [
    "BY_LABELS",
    "CATEGORIES",
    "COMPONENT_LABELS",
    "COMPONENT_MEANINGS",
    "KINDS",
    "METHOD",
    "NONE_BELOW",
    "STATUS_LABELS",
    "SUBMISSION",
    "THIN_BELOW",
    "Backtest",
    "Behind",
    "Bridge",
    "BridgeDeal",
    "BridgeLine",
    "BridgeRequest",
    "BridgeRow",
    "By",
    "Component",
    "ForecastRequest",
    "ForecastResult",
    "ForecastRow",
    "LargeDeal",
    "MemberRow",
    "Note",
    "Pinned",
    "Point",
    "RateGap",
    "RunInfo",
    "Status",
    "Submitted",
]
