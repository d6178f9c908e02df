"""The reasons of a deal's chance, and what became of such chances, in words."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

from django.utils.translation import gettext, ngettext

from perilune.crm.contracts import DEAL_TYPES
from perilune.forecasting.contracts import CATEGORY_LABELS, OpenDeals
from perilune.insights.contracts import DealChance, DealReliability, Reason
from perilune.ui import formats

_LEVEL = re.compile(r"^(?:(?P<under><)|(?P<over>≥))? ?(?P<low>-?[\d.]+)(?: – (?P<high>-?[\d.]+))?$")
Bounds = tuple[float | None, float | None]
_LARGEST = 10


def reason(said: Reason) -> str:
    """Return a reason with its effect: «silent for 29 to 56 days: wins 0.6 times as often»."""
    times = formats.number(math.exp(said.effect), 1)
    return gettext("%(what)s: wins %(times)s times as often") % {"what": what(said), "times": times}


def what(said: Reason) -> str:
    """Return what a reason is about, in words."""
    found = _SAID.get(said.feature)
    if found is not None:
        return found(said.level)
    return gettext("%(label)s %(name)s") % {"label": gettext(said.feature), "name": said.level}


def bounds_of(level: str) -> Bounds:
    """Read the words of a binned level, such as «< 8», «8 – 15», «≥ 57»; (None, None) unknown."""
    found = _LEVEL.match(level)
    if found is None:
        return None, None
    low = float(found["low"])
    if found["under"]:
        return None, low
    if found["over"]:
        return low, None
    return low, float(found["high"]) if found["high"] else low


def _days(low: float | None, high: float | None) -> str:
    """Return a span of whole days; the upper bound of a bin is not in it."""
    if low is None and high is not None:
        return gettext("less than %(days)s days") % {"days": formats.number(high, 0)}
    if low is not None and high is None:
        return gettext("%(days)s days or more") % {"days": formats.number(low, 0)}
    assert low is not None and high is not None
    facts = {"low": formats.number(low, 0), "high": formats.number(high - 1, 0)}
    return gettext("%(low)s to %(high)s days") % facts


def _age(level: str) -> str:
    days = int(float(level))
    text = ngettext("open for %(days)s day", "open for %(days)s days", days)
    return text % {"days": formats.number(days, 0)}


def _stage(level: str) -> str:
    return gettext("stage %(name)s") % {"name": level}


def _in_stage(level: str) -> str:
    return gettext("in its stage for %(span)s") % {"span": _days(*bounds_of(level))}


def _silence(level: str) -> str:
    low, high = bounds_of(level)
    if low is None and high is None:
        return gettext("no activity on record")
    if low is None:
        return gettext("last activity less than %(days)s days ago") % {
            "days": formats.number(high, 0)
        }
    return gettext("silent for %(span)s") % {"span": _days(low, high)}


def _activity(level: str) -> str:
    low, high = bounds_of(level)
    if low is None:
        return gettext("no activity in four weeks")
    if high is None:
        text = gettext("%(count)s activities or more in four weeks")
        return text % {"count": formats.number(low, 0)}
    facts = {"low": formats.number(low, 0), "high": formats.number(high - 1, 0)}
    return gettext("%(low)s to %(high)s activities in four weeks") % facts


def _due(level: str) -> str:
    low, high = bounds_of(level)
    if low is None and high is None:
        return gettext("no expected close date")
    if high is not None and high <= 0:
        # a day before the bound is the first that is overdue by so much
        span = _days(1 - high, None if low is None else 1 - low)
        return gettext("overdue by %(span)s") % {"span": span}
    return gettext("expected to close in %(span)s") % {"span": _days(low, high)}


def _pushes(level: str) -> str:
    if level == "0":
        return gettext("never pushed")
    if level.endswith("+"):
        return gettext("pushed %(count)s times or more") % {"count": level[:-1]}
    count = int(level)
    return ngettext("pushed %(count)s time", "pushed %(count)s times", count) % {"count": count}


def _size(level: str) -> str:
    low, high = bounds_of(level)
    if low is None and high is None:
        return gettext("no amount")
    if low is None:
        text, facts = gettext("amount under %(high)s times the usual"), {"high": high}
    elif high is None:
        text, facts = gettext("amount over %(low)s times the usual"), {"low": low}
    else:
        text = gettext("amount %(low)s to %(high)s times the usual")
        facts = {"low": low, "high": high}
    return text % {name: formats.number(value) for name, value in facts.items()}


def _category(level: str) -> str:
    names = {key.value: gettext(text) for key, text in CATEGORY_LABELS.items()}
    return gettext("forecast category %(name)s") % {"name": names.get(level, level)}


def _type(level: str) -> str:
    names = {key: gettext(text) for key, text in DEAL_TYPES}
    return gettext("type %(name)s") % {"name": names.get(level, level)}


def _product(level: str) -> str:
    return gettext("product %(name)s") % {"name": level}


_SAID: dict[str, Callable[[str], str]] = {
    "Age": _age,
    "Stage": _stage,
    "Time in the stage": _in_stage,
    "Days to the expected close": _due,
    "Times pushed": _pushes,
    "Amount": _size,
    "Days since the last activity": _silence,
    "Activities of four weeks": _activity,
    "Forecast category": _category,
    "Type": _type,
    "Product": _product,
    "The owner's record": lambda level: gettext("the owner's record"),
}


def finding(found: OpenDeals) -> str:
    """Say what the open deals are expected to bring, and on how few of them it rests."""
    count, whole = len(found.deals), found.expected
    if not count:
        return ""
    said = ngettext(
        "%(count)s open deal is expected to bring %(amount)s in %(period)s",
        "%(count)s open deals are expected to bring %(amount)s in %(period)s",
        count,
    ) % {
        "count": formats.number(count, 0),
        "amount": formats.short_money(whole, found.currency),
        "period": found.period.name,
    }
    if count > _LARGEST and whole:
        share = sum(deal.expected for deal in found.deals[:_LARGEST]) / whole
        said += gettext(", %(share)s of it from %(largest)s deals") % {
            "share": formats.percent(share, 0),
            "largest": _LARGEST,
        }
    hardly = sum(deal.is_hardly for deal in found.deals)
    if hardly:
        text = ngettext(
            "; %(count)s is unlikely to close at all",
            "; %(count)s are unlikely to close at all",
            hardly,
        )
        said += text % {"count": formats.number(hardly, 0)}
    return said + "."


def outlook(chance: DealChance, period: str) -> str:
    """Say what is likely to become of a deal, in two sentences."""
    facts = {
        "win": formats.percent(chance.win, 0),
        "lose": formats.percent(chance.lose, 0),
        "slip": formats.percent(chance.slip, 0),
        "period": period,
        "ever": formats.percent(chance.ever, 0),
        "day": formats.day(chance.close),
    }
    first = gettext(
        "Won in %(period)s with a chance of %(win)s, lost with %(lose)s, still open after it with "
        "%(slip)s."
    )
    if chance.close is None:
        second = gettext("Within a year it is won with %(ever)s: it is unlikely to close at all.")
    else:
        second = gettext("Within a year it is won with %(ever)s; if so, about %(day)s.")
    return f"{first % facts} {second % facts}"


def track(found: DealReliability, chance: float | None) -> str:
    """Say what became of past deals with such a chance; «no skill, no claim» below eight."""
    like = None if chance is None else found.score.like(chance)
    if like is None or chance is None:
        return gettext("Too few past chances are scored to say how such a chance did.")
    facts = {
        "chance": formats.percent(chance, 0),
        "window": found.window,
        "count": formats.number(like.count, 0),
        "low": formats.percent(like.low, 0),
        "high": formats.percent(like.high, 0),
        "share": formats.percent(like.share, 0),
        "weeks": len(found.days),
    }
    return (
        gettext(
            "Within %(window)s days: %(chance)s. Of %(count)s past chances of %(low)s to %(high)s "
            "(%(weeks)s weekly looks back), %(share)s were won."
        )
        % facts
    )
