"""The page on which a call is submitted: what it shows, and what it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from perilune.forecasting.contracts import OPEN, Category, Contested, Rollup, RollupRow, View
from perilune.forecasting.queries.preparing import BY_MODEL, PreparedDeal
from perilune.forecasting.service import Prepared
from perilune.forecasting.web.meeting import category_label, label_of
from perilune.kernel.calendar import Period
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.ui import formats

CHOICES = (*reversed(OPEN), Category.OMITTED)


@dataclass(frozen=True)
class DealForm:
    """A deal on the page: what changed, what may be changed, what was typed, what is wrong."""

    deal: PreparedDeal
    badges: tuple[str, ...]
    choices: tuple[tuple[str, str, bool], ...]
    close: str
    next_step: str
    problem: str = ""
    says: str = ""
    why: str = ""

    @property
    def percent(self) -> str:
        """The probability that is shown, as text."""
        return formats.percent(self.deal.probability, 0)

    @property
    def is_modelled(self) -> bool:
        """Whether a model gave it."""
        return self.deal.method == BY_MODEL


@dataclass(frozen=True)
class Suggestion:
    """What the roll-up suggests for a call, and what stands beside it."""

    amount: int | None
    typed: str
    figures: tuple[tuple[str, str], ...] = field(default=())


def forms(
    deals: list[PreparedDeal], typed: Mapping[str, Any], problems: Mapping[int, str], currency: str
) -> list[DealForm]:
    """Return the deals as forms, with what was typed before where there is anything."""
    return [_form(deal, typed, problems.get(deal.id, ""), currency) for deal in deals]


def _form(deal: PreparedDeal, typed: Mapping[str, Any], problem: str, currency: str) -> DealForm:
    def was(name: str, now: str) -> str:
        return str(typed.get(f"{name}-{deal.id}", now))

    category = was("category", deal.category.value)
    return DealForm(
        deal,
        _badges(deal, currency),
        tuple((each.value, category_label(each), each.value == category) for each in CHOICES),
        was("close", deal.close_date.isoformat() if deal.close_date else ""),
        was("next", deal.next_step),
        problem,
        was("says", ""),
        was("why", ""),
    )


def _badges(deal: PreparedDeal, currency: str) -> tuple[str, ...]:
    """Say what changed since the last call."""
    if deal.is_new:
        return (gettext("new"),)
    said = []
    for name, then, now in deal.changes:
        if name == "category":
            pair = tuple(_category(value) for value in (then, now))
            said.append(f"{pair[0]} → {pair[1]}")
        elif name == "close_date":
            said.append(f"{formats.day(then)} → {formats.day(now)}")
        elif name == "amount":
            pair = tuple(formats.short_money(value, currency) for value in (then, now))
            said.append(f"{pair[0]} → {pair[1]}")
        else:
            said.append(f"{then} → {now}")
    return tuple(said)


def _category(name: str | None) -> str:
    return category_label(Category(name)) if name in [each.value for each in Category] else "–"


def suggestion(row: RollupRow, made: int | None, currency: str) -> Suggestion:
    """Return what is suggested: closed and commit, with the overrides that stand."""
    computed = row.value(Category.COMMIT, View.CUMULATIVE)
    amount = computed if made is None else made

    def short(value: float | None) -> str:
        return formats.short_money(value, currency)

    figures = [
        (category_label(Category.CLOSED), short(row.closed)),
        (gettext("With commit"), short(computed)),
        (gettext("With best case"), short(row.value(Category.BEST_CASE, View.CUMULATIVE))),
    ]
    if made is not None and made != computed:
        figures.append((gettext("With commit and overrides"), short(made)))
    if row.reach is not None and row.reach.p50 is not None:
        reach = f"{short(row.reach.p50)} ({short(row.reach.p10)} – {short(row.reach.p90)})"
        figures.append((gettext("Model"), reach))
    if row.quota is not None:
        figures.append((gettext("Quota"), short(row.quota)))
    if row.call is not None:
        day = formats.day(row.call.made_on) if row.call.made_on else ""
        figures.append((gettext("Last call"), f"{short(row.call.amount)}, {day}"))
    typed = "" if amount is None else str(round(formats.major(amount, currency)))
    return Suggestion(amount, typed, tuple(figures))


def below(row: RollupRow, rolled: Rollup) -> list[tuple[str, str, str, bool]]:
    """Return (name, last call, its day, whether late) of the rows below a unit's."""
    found = []
    for each in rolled.rows:
        if each.node.parent != row.node.key:
            continue
        name, call = label_of(each, rolled.scope_label), each.call
        amount = formats.money(call.amount, rolled.currency, 0) if call else ""
        day = formats.day(call.made_on) if call and call.made_on else ""
        found.append((name, amount, day, bool(call and call.is_late)))
    return found


def read(posted: QueryDict, deals: list[PreparedDeal], period: Period) -> Prepared:
    """Read what was typed of the deals that the page showed; Invalid on a date that is none."""
    changes: dict[int, dict[str, Any]] = {}
    contests = []
    for deal in deals:
        if f"category-{deal.id}" in posted and deal.is_open:
            found = _changed(posted, deal)
            if found:
                changes[deal.id] = found
        says = str(posted.get(f"says-{deal.id}", "")).strip()
        if says:
            reason = str(posted.get(f"why-{deal.id}", ""))
            share = _percent(says)
            contests.append(
                Contested(deal.id, period, deal.probability, deal.method, share, reason)
            )
    return Prepared(changes, tuple(contests))


def _changed(posted: QueryDict, deal: PreparedDeal) -> dict[str, Any]:
    """Return the fields that were typed over; what was left alone is not written."""
    found: dict[str, Any] = {}
    category = str(posted.get(f"category-{deal.id}", ""))
    if category and category != deal.category.value:
        found["forecast_category"] = category
    close = str(posted.get(f"close-{deal.id}", ""))
    if close != (deal.close_date.isoformat() if deal.close_date else ""):
        found["close_date"] = _day(close)
    step = str(posted.get(f"next-{deal.id}", "")).strip()
    if step != deal.next_step:
        found["next_step"] = step
    return found


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text[:20]) from None


def _percent(text: str) -> float:
    try:
        return float(text.replace(",", ".").rstrip("% \u202f\u00a0")) / 100
    except ValueError:
        raise Invalid(_("«%(text)s» is not a percentage such as 40."), text=text[:20]) from None
