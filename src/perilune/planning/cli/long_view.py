"""`perilune plan long`: five to ten years from this year's plan on."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning import queries
from perilune.planning.cli.plans import SCHEMA, AsJson, PlanName, money
from perilune.planning.contracts import YearView
from perilune.planning.contracts.long_view import FEWEST_YEARS, MOST_YEARS
from perilune.planning.queries.long_learning import LEAST_WINDOWS
from perilune.planning.queries.long_view import LongView, long_view
from perilune.ui import formats

DEFINITION = (
    "A year keeps last year's total times what is kept and the price change; new business is "
    "ramped FTE times what one brings, at most what the market still holds. The first year is the "
    "plan's."
)


def long_command(
    years: Annotated[
        int, typer.Option(min=FEWEST_YEARS, max=MOST_YEARS, help="How many, this one included.")
    ] = MOST_YEARS,
    plan: PlanName = "",
    version: Annotated[int, typer.Option(help="Of the long view; default the latest.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Show low, base and high from this year's plan on, and what drives the difference.

    Example: perilune plan long --years 10 --json
    """
    actor, scope = acting(Right.MAKE_PLANS)
    head = queries.plan_named(plan, scope, actor) if plan else None
    found = long_view(
        scope, actor, company().today, number=version or None, years=years,
        plan_id=head.id if head else None,
    )  # fmt: skip
    if as_json:
        typer.echo(json.dumps(as_document(found), ensure_ascii=False))
    else:
        _print(found)


def as_document(found: LongView) -> dict[str, Any]:
    """Return the paths as JSON: money as strings of the major unit."""
    currency = found.head.currency

    def amount(value: float | None) -> str | None:
        return None if value is None else money(round(value), currency)

    def path(listed: tuple[YearView, ...]) -> list[dict[str, Any]]:
        return [
            {"year": one.year, "total": amount(one.total), "kept": amount(one.kept),
             "new": amount(one.new), "growth": one.growth, "ramped_fte": round(one.heads, 2),
             "new_per_fte": amount(one.per_head), "capped": amount(one.capped)}
            for one in listed
        ]  # fmt: skip

    tried = found.learnt.tried
    return {
        "schema": SCHEMA,
        "definition": DEFINITION,
        "plan": found.head.name,
        "edition": found.head.edition,
        "version": found.version.number if found.version else None,
        "currency": currency,
        "assumptions": found.document.as_json() | {"market": amount(found.document.market)},
        "low": path(found.low),
        "base": path(found.base),
        "high": path(found.high),
        "growth_carried_on": [amount(value) for value in found.naive],
        "wanted": [amount(value) for value in found.wanted],
        "fte_for_the_wanted": [
            None if value is None else round(value, 1) for value in found.needed
        ],
        "drivers": [
            {"assumption": one.driver, "low": amount(one.low), "high": amount(one.high)}
            for one in found.swings
        ],
        "learnt": [
            {"assumption": one.name, "value": one.value, "source": one.source,
             "years_apart": one.windows}
            for one in found.learnt.starts
        ],
        "track_record": {
            "years": tried.years,
            "missed_by": tried.method,
            "growth_carried_on_missed_by": tried.carried,
            "no_change_missed_by": tried.flat,
            "claim": "skill" if tried.is_better and tried.years >= LEAST_WINDOWS else "no claim",
        },
    }  # fmt: skip


def _print(found: LongView) -> None:
    currency = found.head.currency
    table = Table(title=f"{found.head.name} · {currency}", box=None, header_style="bold")
    table.add_column(gettext("Year"))
    for title in (gettext("Low"), gettext("Base"), gettext("High"), gettext("Growth")):
        table.add_column(title, justify="right", no_wrap=True)
    for low, base, high in zip(found.low, found.base, found.high, strict=True):
        totals = (low.total, base.total, high.total)
        texts = [formats.money(round(one), currency, 0, symbol=False) for one in totals]
        table.add_row(str(base.year), *texts, formats.percent(base.growth, 1))
    Console(highlight=False).print(table)
