"""`perilune plan simulate`: how likely each target is reached."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning import queries
from perilune.planning.cli.plans import SCHEMA, AsJson, PlanName, money
from perilune.planning.contracts import Attrition, PlanHead
from perilune.planning.engine.leaving import yearly
from perilune.planning.queries.chance_words import pieces
from perilune.planning.queries.chances import Chances, chances, months_of
from perilune.planning.queries.words import DRIVER_LABELS, level_label, unit_label
from perilune.ui import formats

DEFINITION = (
    "Share of simulated years in which bookings reach the target: sellers leave by the hazard of "
    "their team by tenure (that of all sellers where it has fewer than five), hires start and ramp "
    "as planned, and each ramped FTE brings what one brought in the twelve months before the "
    "as-of, with the spread over reps and years."
)


def simulate_command(
    plan: PlanName = "",
    as_of: Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")] = "",
    as_json: AsJson = False,
) -> None:
    """Show how likely each target of a plan is reached, and what matters most.

    Example: perilune plan simulate --plan "Plan 2027" --as-of 2026-11-26 --json
    """
    begun = time.monotonic()
    actor, scope = acting(Right.MAKE_PLANS)
    here = company()
    at = AsOf.parse(as_of, here.zone) if as_of else here.today
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    if not view.is_whole:
        raise Refused(_("The chances are of the whole plan: ask sales operations."))
    content = queries.loaded_plan(view.head.id).content
    found = chances(view.head, content, scope, at)
    seconds = time.monotonic() - begun
    if as_json:
        document = as_document(view.head, found, is_circle=view.is_circle) | {
            "seconds": round(seconds, 2)
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print(view.head, found, view.names)


def as_document(head: PlanHead, found: Chances, *, is_circle: bool) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit."""
    currency, bands = head.currency, found.simulation.bands

    def amount(value: float | None) -> str | None:
        return None if value is None else money(round(value), currency)

    return {
        "schema": SCHEMA,
        "definition": DEFINITION,
        "plan": head.name,
        "year": head.year,
        "currency": currency,
        "as_of": found.as_of.day.isoformat(),
        "paths": found.simulation.paths,
        "seed": found.simulation.seed,
        "targets": [
            {
                "level": level.value,
                "unit": unit,
                "period": period,
                "target": amount(odds.aim.minor),
                "booked": amount(odds.aim.booked),
                "chance": round(odds.chance, 4),
                "error": round(odds.error, 4),
                "expected_without_chance": amount(odds.expected),
                "p10": amount(odds.reached.p10),
                "p50": amount(odds.reached.p50),
                "p90": amount(odds.reached.p90),
                "mean_shortfall": amount(odds.short),
            }
            for (level, unit, period), odds in zip(found.aims, found.simulation.odds, strict=True)
        ],
        "capacity": [
            {
                "from": day.isoformat(),
                "ramped_fte_p10": round(float(bands.p10[at]), 2),
                "ramped_fte_p50": round(float(bands.p50[at]), 2),
                "ramped_fte_p90": round(float(bands.p90[at]), 2),
                "fte": round(float(bands.fte_mean[at]), 2),
            }
            for at, day in enumerate(months_of(found))
        ],
        "sensitivities": [
            {
                "driver": one.driver.value,
                "worst": one.worst,
                "best": one.best,
                "chance_at_worst": round(one.low, 4),
                "chance_at_best": round(one.high, 4),
                "weight": round(one.weight, 4),
            }
            for one in found.effects
        ],
        "basis": [
            {
                "piece": one.key,
                "value": one.value,
                "source": "learnt" if one.is_learnt else "stated",
                "evidence": one.evidence,
            }
            for one in pieces(found, currency, is_circle=is_circle)
        ],
        "attrition": {
            "a_year": round(found.leaving.a_year, 4),
            "leavers": found.leaving.leavers,
            "group": "all sellers",
            "source": found.leaving.whole.source.value,
            "reason": found.leaving.whole.reason,
            "teams": [_attrition(law) for law in found.leaving.by_team],
        },
        "track_record": _track(found, currency),
    }


def _attrition(law: Attrition) -> dict[str, Any]:
    """Return a team's hazard; one too small shows that of all, and why (rule 25)."""
    return {
        "unit": law.name,
        "a_year": round(yearly(law), 4),
        "pooled": law.is_pooled,
        "source": law.source.value,
        "reason": law.reason,
    }


def _track(found: Chances, currency: str) -> dict[str, Any]:
    inside = sum(origin.is_inside for origin in found.origins)
    return {
        "claim": f"{inside} of {len(found.origins)} past years between p10 and p90"
        if found.has_track
        else "no claim",
        "origins": [
            {
                "from": origin.start.isoformat(),
                "p10": money(round(origin.said.p10), currency),
                "p50": money(round(origin.said.p50 or 0), currency),
                "p90": money(round(origin.said.p90), currency),
                "actual": money(origin.actual, currency),
                "inside": origin.is_inside,
            }
            for origin in found.origins
        ],
    }


def _print(head: PlanHead, found: Chances, names: Mapping[str, str]) -> None:
    table = Table(title=f"{head.name} · {head.currency}", box=None, header_style="bold")
    for title in (gettext("Unit"), gettext("Level")):
        table.add_column(title)
    for title in (gettext("Target"), gettext("Chance"), "p10", "p50", "p90"):
        table.add_column(title, justify="right", no_wrap=True)
    for (level, unit, _period), odds in zip(found.aims, found.simulation.odds, strict=True):
        span = odds.reached
        amounts = (odds.aim.minor, span.p10, span.p50, span.p90)
        texts = [formats.money(one, head.currency, 0, symbol=False) for one in amounts]
        chance = formats.percent(odds.chance, 0)
        table.add_row(unit_label(unit, names), str(level_label(level)), texts[0], chance,
                      *texts[1:])  # fmt: skip
    console = Console(highlight=False)
    console.print(table)
    for one in found.effects[:3]:
        console.print(
            gettext("%(driver)s: %(low)s to %(high)s")
            % {
                "driver": gettext(DRIVER_LABELS[one.driver]),
                "low": formats.percent(one.low, 0),
                "high": formats.percent(one.high, 0),
            }
        )
    inside = sum(origin.is_inside for origin in found.origins)
    told = {"inside": inside, "count": len(found.origins)}
    if found.has_track:
        console.print(
            gettext("Track record: %(inside)s of %(count)s past years between p10 and p90.") % told
        )
    else:
        console.print(gettext("No claim: %(count)s past years are too few.") % told)
