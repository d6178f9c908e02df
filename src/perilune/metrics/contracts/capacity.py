"""Measures of people and of forecasts: bookings per head, selling time, accuracy."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts.figures import Behind, Measure, Unit

_OPS = _("Sales operations")
_SALES = _("Sales management")

CAPACITY = (
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
