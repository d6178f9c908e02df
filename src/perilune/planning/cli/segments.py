"""`perilune plan segments`, `potential` and `fairness`: what the pages show, as tables or JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning import queries
from perilune.planning.cli.plans import SCHEMA, AsJson, PlanName, money
from perilune.planning.contracts import PotentialSource
from perilune.planning.queries.fairness import QuotaFairness, quota_fairness
from perilune.planning.queries.potential import potentials
from perilune.planning.queries.segment_words import segment_label
from perilune.planning.queries.segments import segmentation_in_force, segments_recorded
from perilune.planning.queries.words import unit_label
from perilune.ui import formats

Day = Annotated[str, typer.Option("--as-of", help="A day or an instant; default today.")]
FEWEST_DEALS = 20


def segments_command(as_of: Day = "", as_json: AsJson = False) -> None:
    """Show what each segment is worth: win rate, cycle, potential, coverage, staffing.

    Example: perilune plan segments --json
    """
    _actor, scope = acting(Right.MAKE_PLANS)
    at, currency = _at(as_of), company().currency
    seen, force = segments_recorded(scope, at), segmentation_in_force()
    rows = [
        {
            "segment": one.name,
            "accounts": one.evidence.accounts,
            "coverage": _rounded(one.coverage),
            "closed_deals": one.evidence.closed,
            "win_rate": _rounded(one.evidence.win_rate)
            if one.evidence.closed >= FEWEST_DEALS
            else None,
            "win_rate_95": [_rounded(one.evidence.win_low), _rounded(one.evidence.win_high)],
            "cycle_days": one.evidence.cycle,
            "bookings": money(one.booked, currency),
            "share_of_bookings": _rounded(one.share),
            "potential": money(one.potential, currency),
            "headroom": money(one.headroom, currency),
            "without_potential": one.unknown,
        }
        for one in seen.figures
    ]
    document = {
        "schema": SCHEMA, "as_of": at.day.isoformat(), "currency": currency,
        "version": force.name if force else None, "accounts": seen.accounts,
        "not_segmented": seen.unsegmented, "segments": rows,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    _print(
        (gettext("Segment"), gettext("Accounts"), gettext("Win rate"), gettext("Bookings"),
         gettext("Headroom")),
        [(segment_label(one.name), formats.number(one.evidence.accounts, 0),
          formats.percent(one.evidence.win_rate, 0) if one.evidence.closed >= FEWEST_DEALS else "–",
          formats.short_money(one.booked, currency), formats.short_money(one.headroom, currency))
         for one in seen.figures],
    )  # fmt: skip


def potential_command(as_of: Day = "", as_json: AsJson = False) -> None:
    """Show how far off the estimate of account potential was, and what it sums to.

    Example: perilune plan potential --as-of 2026-11-26 --json
    """
    _actor, scope = acting(Right.MAKE_PLANS)
    at, currency = _at(as_of), company().currency
    found = potentials(scope, at)
    rows = found.rows(scope)
    by_source = {
        source.value: sum(one.source is source for one in rows) for source in PotentialSource
    }
    tests = [
        {
            "method": test.method, "accounts": test.accounts, "factor": round(test.factor, 3),
            "inside": _rounded(test.inside), "sum_ratio": _rounded(test.ratio),
        }
        for test in found.tests
    ]  # fmt: skip
    document = {
        "schema": SCHEMA, "as_of": at.day.isoformat(), "currency": currency,
        "accounts": len(rows), "sources": by_source,
        "potential": money(sum(one.minor or 0 for one in rows), currency),
        "headroom": money(sum(one.headroom or 0 for one in rows), currency),
        "a_year_before": tests,
    }  # fmt: skip
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    _print(
        (gettext("Estimated a year before by"), gettext("Accounts"), gettext("Off by a factor of"),
         gettext("Inside the range")),
        [(test.method, formats.number(test.accounts, 0), formats.number(test.factor, 2),
          formats.percent(test.inside, 0)) for test in found.tests],
    )  # fmt: skip


def fairness_command(plan: PlanName = "", as_of: Day = "", as_json: AsJson = False) -> None:
    """Show how fair and feasible a plan's quotas are; no person's chance is printed (rule 26).

    Example: perilune plan fairness --plan "Plan 2027" --json
    """
    actor, scope = acting(Right.MAKE_PLANS)
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    at, currency = _at(as_of), view.head.currency
    found = quota_fairness(view, scope, at)
    document = {
        "schema": SCHEMA,
        "plan": view.head.name,
        "as_of": at.day.isoformat(),
        "currency": currency,
        "street": money(found.street, currency),
        "potential": money(found.potential, currency),
        "street_to_potential": _rounded(
            found.street / found.potential if found.potential else None
        ),
        "quota_to_potential": {
            "middle": _rounded(found.on_potential),
            "spread": _rounded(found.measured.spread),
            "gini": _rounded(found.measured.gini),
        },
        "quota_to_bookings": _rounded(found.on_booked),
        "expected_attainment": _spread(found),
        "outliers": [
            {
                "unit": row.unit,
                "name": unit_label(row.unit, view.names),
                "to_potential": _rounded(row.on_potential),
                "to_bookings": _rounded(row.on_booked),
                "is_whole_year": row.is_whole_year,
                "why": [kind.value for kind in row.outliers],
            }
            for row in found.outliers
        ],
    }
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    _print(
        (gettext("Rep"), gettext("Quota"), gettext("Quota to potential"),
         gettext("Quota to bookings")),
        [(unit_label(row.unit, view.names), formats.short_money(row.quota, currency),
          formats.percent(row.on_potential, 0),
          formats.percent(row.on_booked, 0) if row.is_whole_year or row.is_planned
          else gettext("less than a year"))
         for row in found.rows],
    )  # fmt: skip


def _spread(found: QuotaFairness) -> dict[str, Any] | None:
    if found.spread_out is None:
        return None
    whole = found.spread_out.whole
    return {
        "reps": whole.reps, "p10": _rounded(whole.p10), "p50": _rounded(whole.p50),
        "p90": _rounded(whole.p90), "over_full": _rounded(whole.over),
        "bands_from": found.spread_out.edges.tolist(),
        "shares": [_rounded(share) for share in found.spread_out.shares.tolist()],
    }  # fmt: skip


def _at(text: str) -> AsOf:
    here = company()
    return AsOf.parse(text, here.zone) if text else here.today


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _print(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = Table(box=None, header_style="bold")
    for at, title in enumerate(titles):
        table.add_column(title, justify="left" if at == 0 else "right", no_wrap=at > 0)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False).print(table)
