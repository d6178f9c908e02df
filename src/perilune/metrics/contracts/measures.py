"""The measures as data: what each says and divides by, who answers for it, where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts.figures import Behind, Measure, Unit

_OPS, _FINANCE, _SALES = _("Sales operations"), _("Finance"), _("Sales management")
_FIGURES = "metrics.figures"

_LIST = (
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
    Measure(
        "open_value",
        _("Open pipeline"),
        Unit.MONEY,
        _(
            "The value of all open deals that are not omitted: the amount, else the list price "
            "of the product, at budget rates."
        ),
        _("none"),
        _OPS,
        _FIGURES,
        rows="open",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "open_count",
        _("Open deals"),
        Unit.COUNT,
        _(
            "Open deals that are not omitted. Those without a creation date are counted apart "
            "in the note."
        ),
        _("none"),
        _OPS,
        _FIGURES,
        rows="open",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "open_in_period",
        _("Open, expected in the period"),
        Unit.MONEY,
        _(
            "The value of open deals with an expected close date in the period. Deals without a"
            " date are counted apart in the note."
        ),
        _("none"),
        _OPS,
        _FIGURES,
        rows="due",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "coverage",
        _("Coverage"),
        Unit.TIMES,
        _("Open value expected to close in the period divided by what is missing to the target."),
        _("target of the period less won to date"),
        _OPS,
        _FIGURES,
        rows="due",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "required_coverage",
        _("Required coverage"),
        Unit.TIMES,
        _(
            "The inverse of the share of open value that was won within the same period, the "
            "same number of days into each of the last four periods. It is not the inverse of "
            "the win rate."
        ),
        _("value open at the same point of past periods"),
        _OPS,
        "metrics.past_conversion",
        better="lower",
        group="pipeline",
    ),
    Measure(
        "slippage",
        _("Slippage"),
        Unit.RATIO,
        _(
            "Of the value expected at the start of the period to close in it, the share that is"
            " still open with a later date."
        ),
        _("value expected at the start of the period to close in it"),
        _SALES,
        "metrics.moves",
        better="lower",
        rows="expected",
        group="pipeline",
    ),
    Measure(
        "push_count",
        _("Pushes"),
        Unit.COUNT,
        _("Moves of an expected close date to a later quarter, known within the period."),
        _("none"),
        _SALES,
        "metrics.moves",
        better="lower",
        rows="pushes",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "pull_in_count",
        _("Pull-ins"),
        Unit.COUNT,
        _("Moves of an expected close date to an earlier quarter, known within the period."),
        _("none"),
        _SALES,
        "metrics.moves",
        better="",
        rows="pulls",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "velocity",
        _("Pipeline velocity a day"),
        Unit.MONEY,
        _(
            "Live deals (open, not overdue, changed within 90 days) times win rate times mean "
            "won amount, divided by the mean cycle from creation. Read it beside the realised "
            "bookings a day: it assumes that every live deal behaves like those that closed."
        ),
        _("mean cycle from creation, in days"),
        _OPS,
        _FIGURES,
        rows="live",
        group="pipeline",
    ),
    Measure(
        "bookings_per_day",
        _("Realised bookings a day"),
        Unit.MONEY,
        _("Won divided by the calendar days of the period that have passed."),
        _("calendar days passed"),
        _OPS,
        _FIGURES,
        rows="won",
        group="pipeline",
        is_fact=True,
    ),
    Measure(
        "bookings_per_fte",
        _("Bookings per FTE"),
        Unit.MONEY,
        _(
            "Won divided by the average FTE of reps over the part of the period that has "
            "passed, absence deducted. Only where every hire date is known."
        ),
        _("average FTE"),
        _OPS,
        "metrics.capacity",
        rows="won",
        behind=Behind.NUMERATOR,
        group="people",
        is_fact=True,
    ),
    Measure(
        "bookings_per_listed_rep",
        _("Bookings per listed rep"),
        Unit.MONEY,
        _("Won divided by the reps on the list in the period, whether or not they sold."),
        _("reps listed"),
        _OPS,
        "metrics.capacity",
        rows="won",
        behind=Behind.NUMERATOR,
        group="people",
        is_fact=True,
    ),
    Measure(
        "bookings_per_active_rep",
        _("Bookings per active rep"),
        Unit.MONEY,
        _("Won divided by the reps who closed at least one deal in the period, won or lost."),
        _("reps with a closed deal"),
        _OPS,
        "metrics.closings",
        rows="won",
        behind=Behind.NUMERATOR,
        group="people",
        is_fact=True,
    ),
    Measure(
        "selling_time",
        _("Selling time"),
        Unit.RATIO,
        _(
            "Hours of customer activity divided by working hours (work schedule less holidays "
            "and absence). Voicemail, call notes, data entry and internal meetings are not "
            "selling."
        ),
        _("working hours of reps, absence deducted"),
        _SALES,
        "metrics.capacity",
        group="people",
    ),
    Measure(
        "selling_time_coverage",
        _("Selling time, coverage"),
        Unit.RATIO,
        _(
            "Of the days on which reps were at work, the share with any recorded activity: how "
            "far the selling time may be trusted."
        ),
        _("rep-days at work"),
        _OPS,
        "metrics.capacity",
        group="people",
    ),
    Measure(
        "forecast_error_call",
        _("Forecast error of the call (WAPE)"),
        Unit.RATIO,
        _(
            "The sum of absolute differences between the forecasts submitted four weeks into "
            "the period and what was won, divided by what was won."
        ),
        _("won by those who submitted"),
        _SALES,
        "forecasting.submitted",
        better="lower",
        group="forecast",
    ),
    Measure(
        "forecast_bias_call",
        _("Forecast bias of the call"),
        Unit.RATIO,
        _(
            "The sum of signed differences between the forecasts submitted four weeks into the "
            "period and what was won, divided by what was won. Positive is too high."
        ),
        _("won by those who submitted"),
        _SALES,
        "forecasting.submitted",
        better="",
        group="forecast",
    ),
    Measure(
        "forecast_accuracy_call",
        _("Forecast accuracy of the call"),
        Unit.RATIO,
        _(
            "The familiar figure: 1 - |F - A| / A of the summed forecasts submitted four weeks "
            "into the period. Misses of single reps cancel out in it; the error beside it does "
            "not let them."
        ),
        _("won by those who submitted"),
        _SALES,
        "forecasting.submitted",
        group="forecast",
    ),
    Measure(
        "forecast_accuracy_model",
        _("Forecast accuracy of the model"),
        Unit.RATIO,
        _(
            "1 - |F - A| / A of the realistic figure (p50) of the last forecast recorded within"
            " four weeks of the start of the period."
        ),
        _("won in the period"),
        _OPS,
        "metrics.won_by_day",
        group="forecast",
    ),
)

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in _LIST}
"""Every measure by name, in the order of pages."""

GROUPS: Mapping[str, str] = {
    "results": _("Results"),
    "conversion": _("Conversion"),
    "cycle": _("Cycle"),
    "pipeline": _("Pipeline"),
    "people": _("People"),
    "forecast": _("Forecast"),
}

NO_DEAL_REASONS = (
    "no real deal", "duplicate", "test", "spam", "created in error", "pas une vraie affaire",
    "doublon",
    "créée par erreur",
)  # fmt: skip
"""Loss reasons, in lower case, that say there was no real deal (rule 13)."""


def measure(name: str) -> Measure:
    """Return a measure by name; NotFound otherwise."""
    if name not in MEASURES:
        raise NotFound("There is no measure named %(name)s.", name=name)
    return MEASURES[name]
