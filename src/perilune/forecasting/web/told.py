"""The sentences of the roll-up."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import Category, Rollup, View
from perilune.forecasting.engine.rows import SHARED_OUT
from perilune.ui import formats
from perilune.ui.contracts import Status, Tone


def finding(rolled: Rollup) -> str:
    """Say where the period stands: closed, commit, call, model and quota, each by its name."""
    total, currency = rolled.total, rolled.currency

    def short(amount: float | None) -> str:
        return formats.short_money(amount, currency)

    if total.is_withheld:
        return gettext("Figures about too few people are not shown.")
    facts = {
        "closed": short(total.closed),
        "commit": short(total.value(Category.COMMIT, View.CUMULATIVE)),
    }
    said = gettext("%(closed)s closed, %(commit)s with commit") % facts
    if total.quota:
        said += gettext(" for a quota of %(quota)s") % {"quota": short(total.quota)}
    said += "."
    if total.call is not None:
        said += " " + gettext("Last call %(call)s.") % {"call": short(total.call.amount)}
    if total.reach is not None and total.reach.p50 is not None:
        said += " " + gettext("Model %(p50)s, between %(p10)s and %(p90)s.") % {
            "p50": short(total.reach.p50),
            "p10": short(total.reach.p10),
            "p90": short(total.reach.p90),
        }
    return said


def standing(rolled: Rollup) -> Status:
    """Say whether the figures are of record or live (rule 9)."""
    if rolled.closed_on is None:
        return Status(gettext("live"), Tone.NEUTRAL)
    return Status(
        gettext("of record since %(day)s") % {"day": formats.day(rolled.closed_on)}, Tone.GOOD
    )


def notes(rolled: Rollup) -> list[str]:
    """Return what the grid leaves out, with numbers."""
    said = []
    left, currency = rolled.left_out, rolled.currency
    count, value = left.overdue
    if count:
        said.append(
            ngettext(
                "%(count)s open deal due before the period is in no row (%(value)s).",
                "%(count)s open deals due before the period are in no row (%(value)s).",
                count,
            )
            % {"count": formats.number(count, 0), "value": formats.short_money(value, currency)}
        )
    count, value = left.undated
    if count:
        said.append(
            ngettext(
                "%(count)s open deal without a close date is in no row (%(value)s).",
                "%(count)s open deals without a close date are in no row (%(value)s).",
                count,
            )
            % {"count": formats.number(count, 0), "value": formats.short_money(value, currency)}
        )
    for one in rolled.carried:
        text = ngettext(
            "After close of %(period)s: %(count)s deal, %(amount)s, in attainment here.",
            "After close of %(period)s: %(count)s deals, %(amount)s, in attainment here.",
            one.deals,
        )
        amount = formats.short_money(one.amount, currency)
        said.append(text % {"period": one.period, "count": one.deals, "amount": amount})
    if any(row.reach is not None and row.reach.is_shared for row in rolled.rows):
        said.append(gettext(SHARED_OUT))
    if left.without_rate:
        said.append(
            ngettext(
                "%(count)s deal counts as nothing: the rate of its currency is missing.",
                "%(count)s deals count as nothing: the rate of their currency is missing.",
                left.without_rate,
            )
            % {"count": formats.number(left.without_rate, 0)}
        )
    return said
