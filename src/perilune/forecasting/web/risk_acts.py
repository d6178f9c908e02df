"""Verbs on risks as the pages offer them: which risks are meant, the forms, the drawers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import (
    DEAL_KINDS,
    OUTCOME_LABELS,
    DealAtRisk,
    DealRisk,
    Outcome,
    PortfolioRisk,
    RiskKey,
    RiskKind,
    RiskList,
)
from perilune.forecasting.queries import card
from perilune.forecasting.web import risk_tables
from perilune.forecasting.web import risk_words as words
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid, Past, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import people, person
from perilune.people.web.gate import PageRequest, require
from perilune.store import queries as store
from perilune.ui import formats
from perilune.ui.contracts import Choice, Explanation, Fact, Format, Status
from perilune.ui.filters import scope_label

VERBS = ("take", "assign", "snooze", "wake", "close")
SUBJECT = ":"
"""Between the kind and the subject of a portfolio's risk in a form."""


def may_act(request: PageRequest) -> bool:
    """Tell whether somebody may act on risks on this page: not on one of the past."""
    is_past = request.as_of.day < request.company.today.day
    return Right.EDIT_RECORDS in request.rights and not is_past


def require_act(request: PageRequest) -> None:
    """Refuse without the right, or from a page of the past."""
    require(request, Right.EDIT_RECORDS)
    if not may_act(request):
        raise Past


def keys_asked(request: PageRequest, found: RiskList) -> list[RiskKey]:
    """Return the risks that a form means, of those that the person may see.

    Posted: `id` of deals with, if only some risks are meant, `kind`; or `portfolio` as
    `kind:subject`.
    """
    verb = request.POST.get("verb", "")
    kinds = {kind for kind in DEAL_KINDS if kind.value in request.POST.getlist("kind")}
    ids = {int(text) for text in request.POST.getlist("id") if text.isdecimal()}
    deals = {deal.id: deal for deal in (*found.asleep, *found.deals)}
    if ids - deals.keys():
        raise Refused(_("Some of these deals are not yours, or no longer at risk."))
    keys = [
        RiskKey(risk.kind, id_)
        for id_ in sorted(ids)
        for risk in _meant(deals[id_], verb)
        if not kinds or risk.kind in kinds
    ]
    return keys + _portfolio_keys(request, found)


def _meant(deal: DealAtRisk, verb: str) -> Sequence[DealRisk]:
    """Return the risks that a verb on a whole deal is about."""
    if verb == "wake":
        return deal.silenced
    if verb == "close":  # only what somebody has taken on can be closed
        return [risk for risk in (*deal.risks, *deal.silenced) if risk.mitigation]
    return deal.risks


def _portfolio_keys(request: PageRequest, found: RiskList) -> list[RiskKey]:
    asked = request.POST.getlist("portfolio")
    if not asked:
        return []
    if request.scope.owners is not None or request.scope.aggregates_only:
        raise Refused(_("Risks of the portfolio are acted on by those who see the whole company."))
    standing = {f"{risk.kind.value}{SUBJECT}{risk.subject}": risk for risk in found.portfolio}
    if set(asked) - standing.keys():
        raise Refused(_("This risk does not stand, or you may not see it."))
    return [RiskKey(standing[text].kind, None, standing[text].subject) for text in asked]


# -- what is typed ---------------------------------------------------------------------------------


def day_typed(request: PageRequest, name: str) -> date | None:
    """Return a posted day; Invalid when it is none."""
    text = request.POST.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("A day is written like 2026-12-31.")) from None


def outcome_typed(request: PageRequest) -> Outcome:
    """Return the posted outcome; Invalid when there is none."""
    try:
        return Outcome(request.POST.get("outcome", ""))
    except ValueError:
        raise Invalid(_("Say what came of it.")) from None


def outcomes() -> list[Choice]:
    """Return the outcomes to choose from."""
    return [Choice(item.value, gettext(text)) for item, text in OUTCOME_LABELS.items()]


def hands(request: PageRequest) -> list[Choice]:
    """Return who may be handed a risk: oneself, and those whose deals one sees."""
    own = person(request.user)
    return [
        Choice(each.username, each.name or each.username, each.username == request.actor)
        for each in people()
        if request.scope.owners is None
        or each.username == request.actor
        or (each.rep_id is not None and (each.rep_id == own or request.scope.sees(each.rep_id)))
    ]


# -- drawers ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownRisk:
    """One risk of a deal as its drawer tells it."""

    kind: str
    label: str
    evidence: str
    calculation: str
    definition: str
    action: str
    doing: Status | None
    is_asleep: bool
    is_taken: bool


def shown_risks(
    request: PageRequest, deal: DealAtRisk, *, is_part: bool = False
) -> list[ShownRisk]:
    """Return a deal's risks in words, those that put most at stake first, sleeping ones last."""
    awake = sorted(deal.risks, key=lambda risk: -(risk.figure.revenue or 0.0))
    return [_shown(request, deal, risk, is_part=is_part) for risk in (*awake, *deal.silenced)]


def _shown(request: PageRequest, deal: DealAtRisk, risk: DealRisk, *, is_part: bool) -> ShownRisk:
    return ShownRisk(
        risk.kind.value,
        words.label(risk.kind),
        words.evidence(risk),
        words.calculation(risk, deal, request.company.currency),
        "" if is_part else words.definition(risk.kind),
        words.action(risk.kind),
        words.doing(risk.mitigation),
        risk in deal.silenced,
        risk.mitigation is not None,
    )


def explanation(
    request: PageRequest, risk: PortfolioRisk, found: RiskList, period: Period
) -> Explanation:
    """Return the drawer of a portfolio's risk."""
    currency = request.company.currency
    return Explanation(
        words.label(risk.kind),
        words.sentence(risk),
        value=risk.figure.revenue,
        format=Format.MONEY,
        currency=currency,
        decimals=0,
        definition=words.definition(risk.kind),
        facts=(
            Fact(gettext("Scope"), scope_label(found.scope_label)),
            Fact(gettext("As of"), formats.day(request.as_of.day)),
            Fact(gettext("Expected of open deals"), found.expected, Format.MONEY, currency, 0),
            Fact(gettext("Store version"), found.store_version, Format.NUMBER),
        ),
        sql=_sql(request, risk.kind, period),
        rows=risk_tables.portfolio_deals(risk, found.deals, currency),
        status=words.doing(risk.mitigation),
    )


def _sql(request: PageRequest, kind: RiskKind, period: Period) -> str:
    """Return the statement behind a portfolio's risk; that of the range for gap and season."""
    if kind in (RiskKind.COVERAGE_GAP, RiskKind.SEASONALITY):
        return card(period, request.as_of, request.scope).sql
    name, asked = "risk_facts", dict[str, Any]({"every": True, "ids": [0]})
    if kind is RiskKind.CAPACITY_LOSS:
        name, asked = "risk_capacity", {"ends": period.end}
    return store.explain(f"forecasting.{name}", asked, scope=request.scope, as_of=request.as_of)


@dataclass(frozen=True)
class PortfolioActs:
    """What may be done about a portfolio's risk, and who does it now."""

    value: str
    action: str
    is_taken: bool
    may_act: bool


def portfolio_acts(request: PageRequest, risk: PortfolioRisk) -> PortfolioActs:
    """Return the form of a portfolio's risk."""
    may = may_act(request) and request.scope.owners is None
    return PortfolioActs(
        f"{risk.kind.value}{SUBJECT}{risk.subject}",
        words.action(risk.kind),
        risk.mitigation is not None,
        may,
    )
