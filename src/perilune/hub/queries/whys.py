"""Why two records are probably one thing, in words."""

from __future__ import annotations

from django.utils.translation import gettext

from perilune.hub.contracts.duplicates import Part
from perilune.hub.contracts.review import RULES, GroupLine, GroupView
from perilune.ui import formats


def why(part: Part, label: str = "") -> str:
    """Return what a field says of a pair: «phone: equal (+8.5 bits)»."""
    sign = "+" if part.bits >= 0 else "\u2212"
    bits = gettext("%(bits)s bits") % {"bits": sign + formats.number(abs(part.bits), 1)}
    return f"{label or part.column}{gettext(':')} {alike(part)} ({bits})"


def alike(part: Part) -> str:
    """Return how alike two values are."""
    if part.level < 0:
        return gettext("missing")
    if part.level == part.levels - 1:
        return gettext("equal")
    if part.level == 0:
        return gettext("different")
    return gettext("alike") if part.level >= part.levels / 2 else gettext("a little alike")


def why_grouped(one: GroupLine | GroupView) -> str:
    """Return by what a group was found: the probability of its weakest pair, or the rule."""
    if one.weakest is None:
        return gettext(RULES.get(one.rule, one.rule))
    return sure(one.weakest)


def sure(probability: float) -> str:
    """Return a probability in words that never claim certainty."""
    if probability > 0.999:
        return gettext("above %(share)s") % {"share": formats.percent(0.999, 1)}
    if probability < 0.001:
        return gettext("below %(share)s") % {"share": formats.percent(0.001, 1)}
    return formats.percent(probability, 1)
