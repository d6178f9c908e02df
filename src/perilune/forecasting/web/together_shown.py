"""What a list of assumptions does beside the forecast, as pages show it: people, quotas, load."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts.together import Load, Sides, Together
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, Kpi, Row, Table


def facts(found: Together) -> dict[str, Any]:
    """Return the parts of the page: figures of the whole, teams and territories that change."""
    return {
        "label": found.forecast.period.name,
        "kpis": _figures(found),
        "teams": _teams(found),
        "loads": _loads(found),
    }


def notes(found: Sequence[Together]) -> list[str]:
    """Return what the figures leave out."""
    if not any(one.cover.without for one in found):
        return []
    return [gettext("Planned hires have no quota yet: they add to capacity, not to quotas.")]


def _figures(found: Together) -> list[Kpi]:
    currency, cover = found.forecast.currency, found.cover
    whole = found.capacity[0].fte if found.capacity else Sides(0.0, 0.0)

    def money(label: str, sides: Sides[Any]) -> Kpi:
        before = "—" if sides.before is None else formats.short_money(sides.before, currency)
        return Kpi(label, sides.after, Format.MONEY, currency, 1, detail=_before(before))

    ratio = cover.ratio
    before = "—" if ratio.before is None else formats.percent(ratio.before, 1)
    shown = [
        Kpi(gettext("Sellers' FTE"), whole.after, decimals=2,
            detail=_before(formats.number(whole.before, 2))),
        money(gettext("Quotas of who is there"), cover.quotas),
        Kpi(gettext("Quotas to target"), ratio.after, Format.PERCENT, decimals=1,
            detail=_before(before)),
        money(gettext("Target less p50"), found.risks.gap),
    ]  # fmt: skip
    return [one for one in shown if one.value is not None]


def _before(text: str) -> str:
    return gettext("before: %(figure)s") % {"figure": text}


def _teams(found: Together) -> Table | None:
    rows = [
        Row(one.team_id or 0, (one.name, one.fte.before, one.fte.after,
                               one.fte.after - one.fte.before))
        for one in found.capacity
        if one.team_id is not None and one.fte.before != one.fte.after
    ]  # fmt: skip
    if not rows:
        return None
    return Table(
        (
            Column("team", gettext("Team"), is_title=True),
            Column("before", gettext("Sellers' FTE before"), Format.NUMBER, decimals=2),
            Column("after", gettext("after"), Format.NUMBER, decimals=2),
            Column("change", gettext("Difference"), Format.NUMBER, decimals=2),
        ),
        rows,
        gettext("Capacity of the rest of the period"),
        name=f"teams-{found.forecast.period.name}",
        is_dense=True,
    )


def _loads(found: Together) -> Table | None:
    """Return the territories, or reps, whose load changes; their accounts where these move."""
    changed = [one for one in found.loads if one.is_changed]
    if not changed:
        return None
    moves = any(one.accounts.before != one.accounts.after for one in changed)
    accounts = (
        Column("accounts", gettext("Accounts before"), Format.NUMBER, decimals=0),
        Column("accounts_after", gettext("after"), Format.NUMBER, decimals=0),
    )
    return Table(
        (
            Column("name", gettext("Territory") if found.by_territory else gettext("Rep"),
                   is_title=True),
            Column("fte", gettext("FTE on the last day"), Format.NUMBER, decimals=2),
            *(accounts if moves else ()),
            Column("deals", gettext("Open deals before"), Format.NUMBER, decimals=0),
            Column("deals_after", gettext("after"), Format.NUMBER, decimals=0),
            Column("value", gettext("Difference of their value"), Format.MONEY,
                   currency=found.forecast.currency, decimals=0),
        ),
        [Row(one.name, _load(one, moves=moves)) for one in changed],
        gettext("Load on the last day of the period"),
        name=f"loads-{found.forecast.period.name}",
        is_dense=True,
    )  # fmt: skip


def _load(one: Load, *, moves: bool) -> tuple[Any, ...]:
    pairs = (*((one.accounts,) if moves else ()), one.deals)
    sides = [side for pair in pairs for side in (pair.before, pair.after)]
    return (one.name, one.fte.after, *sides, one.value.after - one.value.before)
