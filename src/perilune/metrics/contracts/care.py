"""Measures of the data themselves, which the hub counts: their quality, the typing they spared."""

from __future__ import annotations

from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts.figures import Measure, Unit

_OPS = _("Sales operations")

CARE = (
    Measure(
        "data_quality",
        _("Data quality"),
        Unit.RATIO,
        _(
            "Sum of the weights of the checks that pass over the sum of the weights of all checks,"
            " as of the day, in a period that is over as of its last. A check is a rule of today"
            " asked of a record that it applies to; what was accepted as it is passes. By team and"
            " rep it goes by who holds the record."
        ),
        _("weights of all checks"),
        _OPS,
        "hub.quality",
        group="data",
        is_fact=True,
    ),
    Measure(
        "typing_avoided",
        _("Typing avoided, hours"),
        Unit.HOURS,
        _(
            "Fields of accounts, contacts, leads and deals that a machine filled in the period,"
            " times the seconds that typing such a field takes. A field of a record counts once a"
            " month, on the day of its last value; the first load of each source does not count."
            " By team and rep it goes by who holds the record today."
        ),
        _("none"),
        _OPS,
        "hub.typing",
        group="data",
        is_fact=True,
    ),
)
