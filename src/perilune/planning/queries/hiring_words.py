"""Hiring advice in words, the same on pages and in the terminal."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.planning.contracts import PlanView
from perilune.planning.contracts.hiring_advice import LIMIT_LABELS, HiringAdviceInfo, HiringAnswer
from perilune.planning.queries.words import level_label
from perilune.ui import formats

NEARLY = 0.005
"""A shortfall of the wanted chance that rounding hides."""


def finding(view: PlanView, found: HiringAdviceInfo) -> str:
    """Return what the advice says, in sentences."""
    answer, currency = found.answer, view.head.currency
    if answer is None:
        return gettext("The advice is being computed.")
    facts = {
        "wanted": formats.percent(found.asked.wanted, 0),
        "level": level_label(found.asked.level).lower(),
        "after": formats.percent(answer.after.chance, 0),
        "before": formats.percent(answer.before.chance, 0),
        "cost": formats.short_money(answer.cost, currency),
        "missing": formats.short_money(answer.missing, currency),
    }
    people = ngettext("%(n)s hire", "%(n)s hires", answer.heads) % {
        "n": formats.number(answer.heads, 0)
    }
    facts["people"] = people
    if not answer.heads and answer.after.chance >= found.asked.wanted:
        return gettext("No hire is needed: the plan reaches its target (%(level)s) with a chance of"
                       " %(before)s.") % facts  # fmt: skip
    if is_reached(found):
        return gettext("%(people)s for %(cost)s raise the chance of the target (%(level)s) from"
                       " %(before)s to %(after)s.") % facts  # fmt: skip
    if not answer.heads:
        return gettext("No allowed hire helps: the chance of the target (%(level)s) stays at"
                       " %(before)s.") % facts  # fmt: skip
    return gettext("Out of reach: %(people)s for %(cost)s raise the chance from %(before)s to"
                   " %(after)s, not to %(wanted)s.") % facts  # fmt: skip


def is_reached(found: HiringAdviceInfo) -> bool:
    """Tell whether the advised hires reach the chance that was asked for."""
    answer = found.answer
    return answer is not None and answer.after.chance >= found.asked.wanted - NEARLY


def limits(view: PlanView, found: HiringAdviceInfo, answer: HiringAnswer) -> list[str]:
    """Return by how much the target is missed and what binds, in words; empty in reach."""
    if is_reached(found):
        return []
    currency = view.head.currency
    target, middle = answer.target, answer.after.mean
    said = [
        gettext("A chance of %(wanted)s asks for %(missing)s more than the allowed hires bring on"
                " expectation (%(mean)s with them, target %(target)s).") % {
            "wanted": formats.percent(found.asked.wanted, 0),
            "missing": formats.short_money(answer.missing, currency),
            "mean": formats.short_money(middle, currency),
            "target": formats.short_money(target, currency),
        }
    ]  # fmt: skip
    best = answer.limits[0] if answer.limits else None
    if best is None or best.missing >= 0.99 * answer.missing:
        said.append(
            gettext("No single limit binds: what is left of the year is too short for new sellers"
                    " to ramp and bring it, or several limits bind together.")
        )  # fmt: skip
        return said
    for one in answer.limits:
        facts = {
            "limit": gettext(LIMIT_LABELS[one.limit]),
            "missing": formats.short_money(one.missing, currency),
            "cost": formats.short_money(one.cost, currency),
        }
        if one.missing < 1:
            said.append(gettext("Without %(limit)s it is in reach, for %(cost)s.") % facts)
        elif one.missing < 0.99 * answer.missing:
            said.append(gettext("Without %(limit)s %(missing)s would still be missing.") % facts)
    return said
