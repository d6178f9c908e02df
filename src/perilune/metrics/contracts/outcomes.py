"""Measures of what came: results, conversion and cycle."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts.figures import Measure, Unit

_OPS = _("Sales operations")
_FINANCE = _("Finance")
_FIGURES = "metrics.figures"

OUTCOMES = (
    Measure(
        "won_amount",
        _("Won"),
        Unit.MONEY,
        _(
            "Bookings: the amounts of deals won with a close date in the period, each credited "
            "to whoever held it at the close, at the budget rate of its close date. Bookings "
            "are not revenue."
        ),
        _("none"),
        _FINANCE,
        _FIGURES,
        rows="won",
        is_fact=True,
    ),
    Measure(
        "won_count",
        _("Deals won"),
        Unit.COUNT,
        _("Deals won with a close date in the period."),
        _("none"),
        _OPS,
        _FIGURES,
        rows="won",
        is_fact=True,
    ),
    Measure(
        "lost_count",
        _("Deals lost"),
        Unit.COUNT,
        _("Deals lost with a close date in the period."),
        _("none"),
        _OPS,
        _FIGURES,
        better="lower",
        rows="lost",
        is_fact=True,
    ),
    Measure(
        "target",
        _("Target"),
        Unit.MONEY,
        _(
            "The quota in force for the period, of the first level that is set (operating plan, "
            "street quota, board plan); where a unit has none of its own, the sum of the quotas "
            "below it. Quotas in other currencies count at the budget rate of their first day."
        ),
        _("none"),
        _OPS,
        "metrics.quotas",
        better="",
    ),
    Measure(
        "attainment",
        _("Attainment"),
        Unit.RATIO,
        _(
            "Won divided by the target. Live: from the records as they stand, not a closed "
            "period of record."
        ),
        _("target of the period"),
        _OPS,
        _FIGURES,
        rows="won",
        is_fact=True,
    ),
    Measure(
        "win_rate_closed",
        _("Win rate, closed in period"),
        Unit.RATIO,
        _(
            "Of the deals closed in the period, by count, the share won. Deals lost before the "
            "stage marked as qualified, or for a reason that says there was no real deal, do "
            "not count. Under 20 closed deals the interval stands in place of the rate."
        ),
        _("deals won and lost in the period, from the qualified stage"),
        _OPS,
        _FIGURES,
        rows="decided",
        counts="won",
        group="conversion",
    ),
    Measure(
        "no_deal_share",
        _("Closed as no real deal"),
        Unit.RATIO,
        _(
            "Of all deals closed in the period, the share lost for a reason that says there was"
            " no real deal."
        ),
        _("all deals closed in the period"),
        _OPS,
        _FIGURES,
        better="lower",
        rows="closed",
        counts="no_deal",
        group="conversion",
    ),
    Measure(
        "win_rate_value",
        _("Win rate by value"),
        Unit.RATIO,
        _(
            "Of the value of deals closed in the period, the share won. A lost deal without an "
            "amount counts at the list price of its product."
        ),
        _("value of deals won and lost in the period"),
        _OPS,
        _FIGURES,
        rows="closed",
        counts="won",
        group="conversion",
    ),
    Measure(
        "win_rate_cohort",
        _("Win rate of the cohort"),
        Unit.RATIO,
        _(
            "Of the deals created in the window, the share won by the as-of date. Deals still "
            "open stay in the denominator. Earlier cohorts are compared at the same age: what "
            "they won later does not count."
        ),
        _("deals created in the window"),
        _OPS,
        _FIGURES,
        rows="cohort",
        counts="won",
        group="conversion",
    ),
    Measure(
        "cycle_first_contact",
        _("Cycle from first contact"),
        Unit.DAYS,
        _(
            "Mean days from the first contact to the win, of deals won in the period whose "
            "first contact is known. First contact is the earliest two-way activity, recorded "
            "first contact or creation of the lead."
        ),
        _("deals won in the period with a known first contact"),
        _OPS,
        "metrics.closings",
        better="lower",
        rows="contacted",
        group="cycle",
    ),
    Measure(
        "cycle_creation",
        _("Cycle from creation"),
        Unit.DAYS,
        _("Mean days from the creation of a deal to its win, of deals won in the period."),
        _("deals won in the period with a creation date"),
        _OPS,
        "metrics.closings",
        better="lower",
        rows="timed",
        group="cycle",
    ),
    Measure(
        "cycle_creation_median",
        _("Cycle from creation, median"),
        Unit.DAYS,
        _("Median days from the creation of a deal to its win, of deals won in the period."),
        _("deals won in the period with a creation date"),
        _OPS,
        "metrics.closings",
        better="lower",
        rows="timed",
        group="cycle",
    ),
    Measure(
        "create_and_close",
        _("Created and won in the period"),
        Unit.RATIO,
        _("Of the deals won in the period, the share that was also created in it."),
        _("deals won in the period"),
        _OPS,
        "metrics.closings",
        better="",
        rows="won",
        counts="quick",
        group="cycle",
    ),
)
