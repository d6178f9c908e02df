"""The measures as data: what each says and divides by, who answers for it, where it comes from."""

from __future__ import annotations

from collections.abc import Mapping

from perilune.kernel.errors import NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.metrics.contracts.capacity import CAPACITY
from perilune.metrics.contracts.care import CARE
from perilune.metrics.contracts.figures import Measure
from perilune.metrics.contracts.outcomes import OUTCOMES
from perilune.metrics.contracts.pipeline import PIPELINE

MEASURES: Mapping[str, Measure] = {
    measure.name: measure for measure in (*OUTCOMES, *PIPELINE, *CAPACITY, *CARE)
}
"""Every measure by name, in the order of pages."""

GROUPS: Mapping[str, str] = {
    "results": _("Results"),
    "conversion": _("Conversion"),
    "cycle": _("Cycle"),
    "pipeline": _("Pipeline"),
    "people": _("People"),
    "forecast": _("Forecast"),
    "data": _("Data"),
}


def measure(name: str) -> Measure:
    """Return a measure by name; NotFound otherwise."""
    if name not in MEASURES:
        raise NotFound("There is no measure named %(name)s.", name=name)
    return MEASURES[name]
