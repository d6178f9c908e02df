"""Why two records are probably one thing, in words."""

from __future__ import annotations

from functools import lru_cache

from django.utils.translation import get_language, gettext

from perilune.hub.contracts.duplicates import Part
from perilune.hub.contracts.review import RULES, GroupLine, GroupView
from perilune.ui import formats


def why(part: Part, label: str = "") -> str:
    """Return what a field says of a pair: «phone: equal (+8.5 bits)»."""
    bits = _bits(get_language() or "", part.bits >= 0, round(abs(part.bits), 1))
    return f"{label or part.column}{gettext(':')} {alike(part)} ({bits})"


@lru_cache(maxsize=4_000)
def _bits(_language: str, is_for: bool, bits: float) -> str:
    sign = "+" if is_for else "\u2212"
    return gettext("%(bits)s bits") % {"bits": sign + formats.number(bits, 1)}


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
