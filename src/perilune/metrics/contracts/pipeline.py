"""Measures of what is under way: the pipeline and its speed."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts.figures import Measure, Unit

_OPS = _("Sales operations")
_SALES = _("Sales management")
_FIGURES = "metrics.figures"

PIPELINE = (
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
)
