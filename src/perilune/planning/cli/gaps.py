"""`perilune plan gap`: plan against actual."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import PeriluneError
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning import queries
from perilune.planning.cli.plans import SCHEMA, AsJson, PlanName, money
from perilune.planning.contracts import Lever, PlanView, Source
from perilune.planning.contracts.landings import Landing, Step
from perilune.planning.queries.gaps import PlanGap, UnitPace, plan_gap
from perilune.planning.queries.landing import landing
from perilune.planning.queries.landing_words import ANSWER_DEFINITIONS, PART_DEFINITIONS
from perilune.planning.queries.words import level_label, unit_label
from perilune.ui import formats

DEFINITION = (
    "Bookings credited to whoever held the deal when it was won, at budget rates, against the "
    "named level of the plan. Due: the share of the year that the season expects by the as-of. "
    "Levers move the rest of the year, one at a time."
)


def gap_command(
    plan: PlanName = "",
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show where a plan stands, by company, team and rep, and what would close the gap.

    Example: perilune plan gap --plan "Plan 2026" --as-of 2026-11-26 --json
    """
    actor, scope = acting(Right.MAKE_PLANS)
    here = company()
    at = AsOf.parse(as_of, here.zone) if as_of else here.today
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    found = plan_gap(view, scope, at)
    if as_json:
        document = _document(view, found, landing(view, scope, at))
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print(view, found)


def _document(view: PlanView, found: PlanGap, landed: Landing | None) -> dict[str, Any]:
    currency = view.head.currency
    closing = found.closing
    return {
        "schema": SCHEMA,
        "definition": DEFINITION,
        "plan": view.head.name,
        "year": view.head.year,
        "currency": currency,
        "as_of": found.as_of.day.isoformat(),
        "season": {
            "share_due": round(found.share_due, 4),
            "source": found.season.source.value,
            "years": found.season.years,
            "reason": found.season.reason,
        },
        "units": [_unit(view, row) for row in found.rows],
        "booked_outside_the_plan": money(found.outside, currency),
        "deals_without_rate": found.without_rate,
        "months": [
            {
                "month": one.month.name,
                "planned_to_date": money(one.planned, currency),
                "booked_to_date": money(one.actual, currency),
            }
            for one in found.months
        ],
        "landing": None if landed is None else _landing(landed, currency),
        "closing": None
        if closing is None
        else {
            "against": found.rows[0].level.value,
            "months_measured": closing.months,
            "to_come_at_this_pace": money(closing.rest, currency),
            "to_come_needed": money(closing.wanted, currency),
            "levers": [_lever(one, currency) for one in closing.levers],
        },
    }


def _landing(found: Landing, currency: str) -> dict[str, Any]:
    """Return the three answers to where the year lands, and the steps between them."""

    def steps(walk: tuple[Step, ...]) -> list[dict[str, Any]]:
        return [
            {"part": step.part.value, "adds": money(step.minor, currency),
             "definition": PART_DEFINITIONS[step.part]}
            for step in walk
        ]  # fmt: skip

    def answer(name: str, middle: float | None, why: PeriluneError | None) -> dict[str, Any]:
        return {
            "year": money(None if middle is None else round(middle), currency),
            "definition": ANSWER_DEFINITIONS[name],
            "why_none": None if why is None else gettext(why.message) % why.params,
        }

    chances, forecast = found.chances, found.forecast
    return {
        "booked": money(found.booked, currency),
        "pace": answer("pace", found.pace, None),
        "chances": answer("chances", chances.p50 if chances else None, found.no_chances),
        "forecast": answer("forecast", forecast.p50 if forecast else None, found.no_forecast),
        "pace_to_chances": steps(found.to_chances),
        "chances_to_forecast": steps(found.to_forecast),
    }


def _unit(view: PlanView, row: UnitPace) -> dict[str, Any]:
    currency, at = view.head.currency, row.pace
    return {
        "unit": row.unit,
        "name": unit_label(row.unit, view.names),
        "level": row.level.value,
        "target": money(at.target, currency),
        "booked": money(at.booked, currency),
        "due": money(at.due, currency),
        "attainment": _rounded(at.attainment),
        "pace": _rounded(at.pace),
        "gap": money(at.gap, currency),
        "projected": money(at.projected, currency),
    }


def _lever(one: Lever, currency: str) -> dict[str, Any]:
    is_known = one.source is Source.LEARNT

    def level(value: float | None) -> float | str | None:
        is_money = one.name == "deal_size" and value is not None
        return money(round(value or 0), currency) if is_money else _rounded(value)

    return {
        "lever": one.name,
        "claim": "measured" if is_known else "no claim",
        "elasticity": round(one.elasticity, 3) if is_known else None,
        "low": round(one.low, 3) if is_known else None,
        "high": round(one.high, 3) if is_known else None,
        "now": level(one.value),
        "needed": _rounded(one.needed) if is_known else None,
        "wanted": level(one.wanted) if is_known else None,
        "by_definition": None if is_known else _rounded(one.needed),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _print(view: PlanView, found: PlanGap) -> None:
    table = Table(title=f"{view.head.name} · {view.head.currency}", box=None, header_style="bold")
    for title in (gettext("Unit"), gettext("Against")):
        table.add_column(title)
    for title in (gettext("Target"), gettext("Booked"), gettext("Attainment"), gettext("Pace"),
                  gettext("Gap")):  # fmt: skip
        table.add_column(title, justify="right", no_wrap=True)
    for row in found.rows:
        at = row.pace
        texts = [formats.money(one, view.head.currency, 0, symbol=False)
                 for one in (at.target, at.booked, at.gap)]  # fmt: skip
        shares = [formats.percent(one, 0) for one in (at.attainment, at.pace)]
        table.add_row(unit_label(row.unit, view.names), str(level_label(row.level)), texts[0],
                      texts[1], *shares, texts[2])  # fmt: skip
    Console(highlight=False).print(table)
