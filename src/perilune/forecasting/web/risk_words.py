"""The sentences of risks: what speaks for one, what it puts at stake, what is done about it."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    DOING_LABELS,
    RISK_WORDS,
    Compared,
    DealAtRisk,
    DealRisk,
    Doing,
    Figure,
    Mitigation,
    PortfolioRisk,
    RiskKind,
    RiskList,
)
from perilune.ui import formats
from perilune.ui.contracts import Status, Tone
from perilune.ui.filters import scope_label


def label(kind: RiskKind) -> str:
    """Return the name of a kind."""
    return gettext(RISK_WORDS[kind].label)


def short(kind: RiskKind) -> str:
    """Return the word of a kind in a list."""
    return gettext(RISK_WORDS[kind].short)


def evidence(risk: DealRisk) -> str:
    """Return what speaks for a deal's risk: «25 days past its close date»."""
    facts = risk.facts
    days, times = round(facts.get("days", 0)), facts.get("times", 0.0)
    shown = {
        "n": formats.number(days, 0),
        "limit": formats.number(facts.get("limit"), 0),
        "times": formats.number(times, 1 if risk.kind is RiskKind.FAR_AMOUNT else 0),
    }
    return _evidence(risk, days, round(times)) % shown


def _evidence(risk: DealRisk, days: int, times: int) -> str:
    facts = risk.facts
    texts = {
        RiskKind.OVERDUE: ngettext(
            "%(n)s day past its close date", "%(n)s days past its close date", days
        ),
        RiskKind.SILENT: ngettext(
            "%(n)s day without two-way activity", "%(n)s days without two-way activity", days
        )
        if facts.get("is_two_way")
        else ngettext("%(n)s day without activity", "%(n)s days without activity", days),
        RiskKind.PUSHED: ngettext(
            "moved to a later quarter %(times)s time",
            "moved to a later quarter %(times)s times",
            times,
        ),
        RiskKind.OLD_STAGE: ngettext(
            "%(n)s day in its stage; nine in ten won deals left it within %(limit)s",
            "%(n)s days in its stage; nine in ten won deals left it within %(limit)s",
            days,
        ),
        RiskKind.SINGLE_THREADED: ngettext(
            "one person known at the customer after %(n)s day",
            "one person known at the customer after %(n)s days",
            days,
        ),
        RiskKind.FAR_AMOUNT: gettext("%(times)s times what 97.5 %% of won deals stayed under"),
        RiskKind.NO_NEXT_STEP: gettext("nothing is written down"),
    }
    if risk.kind is RiskKind.SINGLE_THREADED and facts["people"] < 1:
        return ngettext(
            "nobody known at the customer after %(n)s day",
            "nobody known at the customer after %(n)s days",
            days,
        )
    return texts[risk.kind]


def about(risk: PortfolioRisk) -> str:
    """Return what speaks for a portfolio's risk."""
    facts = risk.facts
    plain = {name: value for name, value in facts.items() if not isinstance(value, str)}
    share = plain.get("share", risk.share)
    shown = {name: formats.number(value, 0) for name, value in plain.items()} | {
        "name": str(facts.get("name", "")),
        "share": formats.percent(share, 0),
    }
    deals, days = round(plain.get("deals", 0)), round(plain.get("days", 0))
    carried = gettext("%(name)s: %(share)s of the expectation, %(deals)s of %(of)s open deals")
    texts = {
        RiskKind.FEW_DEALS: ngettext(
            "half of the expectation rests on %(deals)s deal",
            "half of the expectation rests on %(deals)s deals",
            deals,
        ),
        RiskKind.ONE_CUSTOMER: carried,
        RiskKind.ONE_REP: carried,
        RiskKind.COVERAGE_GAP: gettext("the mean of the range is %(share)s below the target")
        if facts.get("has_range")
        else gettext("won and open deals are %(share)s below the target"),
        RiskKind.CAPACITY_LOSS: ngettext(
            "%(days)s of %(of)s working days of %(reps)s reps is lost",
            "%(days)s of %(of)s working days of %(reps)s reps are lost",
            days,
        ),
        RiskKind.SEASONALITY: gettext("the same days a year back brought %(share)s less"),
    }
    return texts[risk.kind] % shown


def why_none(figure: Figure) -> str:
    """Return why there is no figure; empty where there is one."""
    note = figure.why_none
    if note is None:
        return ""
    return gettext(note.message) % note.params if note.params else gettext(note.message)


def calculation(risk: DealRisk, deal: DealAtRisk, currency: str) -> str:
    """Return how the figure of a deal's risk comes about, or why there is none."""
    figure = risk.figure
    if figure.revenue is None or figure.chance_without is None or deal.win is None:
        return why_none(figure)
    own, without = _told_apart(deal.win, figure.chance_without)
    facts = {
        "own": own,
        "without": without,
        "peers": formats.number(figure.peers, 0),
        "money": formats.money(figure.revenue, currency, 0),
    }
    if own == without:
        text = gettext(
            "The model sees no loss: like deals without this risk have the same chance, %(own)s"
            " (%(peers)s deals)."
        )
        return text % facts
    if figure.revenue > 0 and not figure.is_material:
        text = gettext(
            "Too little to be a risk: chance %(own)s, like deals without it %(without)s"
            " (%(peers)s deals)."
        )
        return text % facts
    if figure.revenue <= 0:
        text = gettext(
            "The model sees no loss: chance %(own)s, like deals without this risk %(without)s"
            " (%(peers)s deals)."
        )
        return text % facts
    text = gettext(
        "%(money)s: chance %(own)s instead of %(without)s, the mean of %(peers)s like deals"
        " without this risk."
    )
    return text % facts


def _told_apart(own: float, without: float) -> tuple[str, str]:
    """Return two chances in as few digits as tell them apart, one decimal at most."""
    short = formats.percent(own, 0), formats.percent(without, 0)
    return short if short[0] != short[1] else (formats.percent(own, 1), formats.percent(without, 1))


def doing(act: Mitigation | None) -> Status | None:
    """Return how far an act is, with whom and until when."""
    if act is None:
        return None
    word = gettext(DOING_LABELS[act.doing])
    if act.doing is Doing.SNOOZED:
        until = formats.day(act.snoozed_until)
        return Status(gettext("asleep until %(day)s") % {"day": until}, Tone.NEUTRAL, act.reason)
    if act.due is not None:
        facts = {"owner": act.owner, "day": formats.day(act.due)}
        return Status(gettext("%(owner)s by %(day)s") % facts, Tone.GOOD, word)
    return Status(act.owner, Tone.GOOD, word)


def finding(found: RiskList, currency: str) -> str:
    """Return the sentence of the worklist."""
    facts = {
        "scope": scope_label(found.scope_label),
        "deals": formats.number(len(found.deals), 0),
        "open": formats.number(found.open_deals, 0),
        "money": formats.short_money(found.revenue, currency),
        "expected": formats.short_money(found.expected, currency),
    }
    if not found.deals:
        return gettext("%(scope)s: none of %(open)s open deals is at risk.") % facts
    if found.revenue is None or found.expected is None:
        text = ngettext(
            "%(scope)s: %(deals)s of %(open)s open deals is at risk.",
            "%(scope)s: %(deals)s of %(open)s open deals are at risk.",
            len(found.deals),
        )
        return text % facts
    text = ngettext(
        "%(scope)s: %(money)s at stake in %(deals)s of %(open)s open deals,"
        " beside %(expected)s that they all are expected to bring.",
        "%(scope)s: %(money)s at stake in %(deals)s of %(open)s open deals,"
        " beside %(expected)s that they all are expected to bring.",
        len(found.deals),
    )
    return text % facts


def verdict(row: Compared) -> str:
    """Return whether acting helped, only as far as the counts carry it."""
    if row.difference is None or row.interval is None:
        return gettext("too few decided deals to tell")
    low, high = (formats.points(bound, 0) for bound in row.interval)
    facts = {"gap": formats.points(row.difference, 0), "low": low, "high": high}
    if row.interval[0] > 0:
        return gettext("helped: %(gap)s (%(low)s to %(high)s)") % facts
    if row.interval[1] < 0:
        return gettext("did not help: %(gap)s (%(low)s to %(high)s)") % facts
    return gettext("within noise: %(gap)s (%(low)s to %(high)s)") % facts


def action(kind: RiskKind) -> str:
    """Return the proposed action of a kind."""
    return gettext(RISK_WORDS[kind].action)


def definition(kind: RiskKind) -> str:
    """Return the definition of a kind."""
    return gettext(RISK_WORDS[kind].definition)


def sentence(risk: PortfolioRisk) -> str:
    """Return what speaks for a portfolio's risk, what to do, and why there is no figure."""
    text = about(risk)
    said = (f"{text[:1].upper()}{text[1:]}.", action(risk.kind), why_none(risk.figure))
    return " ".join(part for part in said if part)
