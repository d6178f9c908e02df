"""The three depths behind the range (rule 22)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import Behind, ForecastResult, RunInfo, Status
from perilune.forecasting.web import near, words
from perilune.ui.contracts import Column, Contribution, Explanation, Fact, Format, Row, Table


def explanation(
    result: ForecastResult, found: Behind, definition: str, run: RunInfo | None
) -> Explanation:
    """Return the three depths behind the range (rule 22)."""
    row, span = result.total, result.total.range
    pinned = result.pinned
    facts = [
        Fact(gettext("Scope"), words.label("total", result.scope_label)),
        Fact(gettext("As of"), result.request.as_of.day, Format.DATE),
        *_mix(result),
        Fact(gettext("Origins"), row.backtest.points, Format.NUMBER),
        Fact(gettext("Store version"), pinned.store_version, Format.NUMBER),
        Fact(gettext("Method"), pinned.method),
        Fact(gettext("Inputs"), pinned.inputs_digest[:16]),
    ]
    if result.uncounted:
        facts.append(
            Fact(
                gettext("Deals without an exchange rate, not counted"),
                result.uncounted,
                Format.NUMBER,
            )
        )
    if run is not None:
        facts.append(
            Fact(
                gettext("Recorded run"), str(run.id), url=reverse("forecasting:run", args=[run.id])
            )
        )
    return Explanation(
        title=gettext("Forecast %(period)s") % {"period": result.request.period.name},
        sentence=words.why(result, found),
        value=span.mean if span else row.won_to_date,
        format=Format.MONEY,
        currency=result.currency,
        decimals=0,
        contributions=_contributions(result),
        contributions_title=gettext("What the mean consists of"),
        definition=definition,
        facts=facts,
        sql=result.sql,
        rows=_rows(result, found) if found.deals else None,
        stopped=gettext("Your role sees totals; single deals are not shown.")
        if found.is_withheld
        else "",
        status=words.mark(row.status),
    )


def _rows(result: ForecastResult, found: Behind) -> Table:
    columns = (
        Column("name", gettext("Deal"), is_title=True),
        Column("state", gettext("Stage")),
        Column("day", gettext("Close date"), Format.DATE),
        Column("value", gettext("Value"), Format.MONEY, currency=result.currency, decimals=0),
    )
    rows = [
        Row(
            deal.id,
            (deal.name, deal.stage, deal.close_date, deal.value),
            url=reverse("crm:record", args=["opportunity", deal.id]),
        )
        for deal in found.deals
    ]
    return Table(
        columns,
        rows,
        caption=gettext("The largest won and open deals of the period"),
        note=gettext("The largest won and open deals of the period"),
        is_dense=True,
        name="behind",
    )


def _contributions(result: ForecastResult) -> list[Contribution]:
    """Return the parts of the mean: they sum to it."""
    row = result.total
    found = [Contribution(gettext("Won to date"), row.won_to_date)]
    if row.range is None or row.won_to_date is None or row.status is Status.FINISHED:
        return found
    existing, new = near.parts(row, result)
    if not existing:
        to_come = row.range.mean - row.won_to_date
        return [*found, Contribution(gettext("Still to come"), to_come)]
    return [
        *found,
        Contribution(gettext("From open deals"), existing, url=_deals(result)),
        Contribution(gettext("Not created yet"), new),
    ]


def _deals(result: ForecastResult) -> str:
    return reverse("forecasting:deals", args=[result.request.period.name])


def _mix(result: ForecastResult) -> list[Fact]:
    """Return the weight of each rule in the combination, the heaviest first."""
    weights = sorted(result.mix.items(), key=lambda item: -item[1])
    return [
        Fact(
            gettext("Share in the combination: %(rule)s") % {"rule": words.member(name)},
            weight,
            Format.PERCENT,
            decimals=0,
        )
        for name, weight in weights
        if weight > 0
    ]
