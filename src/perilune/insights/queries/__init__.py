"""Reads of insights: outlooks of days, chances of open deals."""

from perilune.insights.queries.chances import chances, takeovers
from perilune.insights.queries.lessons import stamp as models_on_record
from perilune.insights.queries.outlooks import Outlooks, outlooks
from perilune.insights.queries.reliability import reliability
from perilune.insights.queries.rolling import Rolling

__all__ = [
    "Outlooks",
    "Rolling",
    "chances",
    "models_on_record",
    "outlooks",
    "reliability",
    "takeovers",
]
