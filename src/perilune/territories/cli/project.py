"""`perilune territories project`: what territories will hold, and when they leave tolerance."""

from __future__ import annotations

import json
import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli import writing
from perilune.territories.cli.dated import COUNT, History, Kind, history_of
from perilune.territories.cli.reading import Accounts, Balance, accounts_of, rows_of
from perilune.territories.contracts.outlooks import Outlook, Rule
from perilune.territories.engine.checks import named
from perilune.territories.engine.outlook import first_out, project
from perilune.ui import formats

RULES = {
    Rule.NAIVE: _("naive: as the last period"),
    Rule.DRIFT: _("each by its own change over two years"),
    Rule.SHARED: _("each by its share of the change of all"),
    Rule.SEASONAL: _("as a year before"),
    Rule.SEASONAL_GROWTH: _("as a year before, with the growth of all"),
}


class Every(StrEnum):
    """Length of a period."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


MONTHS = {Every.MONTH: 1, Every.QUARTER: 3, Every.YEAR: 12}


def project_command(  # noqa: PLR0913, PLR0917  # Typer names every option
    events: Annotated[Path, typer.Argument(help="CSV: one dated row an account, order or visit.")],
    on: Annotated[str, typer.Option("--date", help="Column of the day: opened, ordered.")],
    territory: Annotated[str, typer.Option(help="Column of the territory.")] = "",
    plan: Annotated[
        Path | None,
        typer.Option(help="GeoJSON of a plan: by id, else by the nearest account in it."),
    ] = None,
    load: Annotated[str, typer.Option(help="Column that is added up; count counts rows.")] = COUNT,
    closed: Annotated[str, typer.Option(help="Column of the day that a stock ends.")] = "",
    kind: Annotated[
        Kind, typer.Option(help="stock: is there from its day on; flow: happens on it.")
    ] = Kind.STOCK,
    every: Annotated[Every, typer.Option(help="Length of a period.")] = Every.QUARTER,
    ahead: Annotated[int, typer.Option(min=1, max=40, help="Periods to come.")] = 4,
    tolerance: Annotated[str, typer.Option(help="Share off the mean of all.")] = "5%",
    until: Annotated[str, typer.Option(help="Last day known; the latest in the file.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Project what each territory will hold, with intervals, and say when it leaves tolerance.

    Example: perilune territories project stores.csv --plan plan.geojson --date opened --ahead 8
    """
    width = Balance.parse(f"load:{tolerance}").tolerance
    rows = rows_of(events)
    for column in (on, territory, closed, load if load != COUNT else ""):
        if column and column not in rows[0]:
            raise Invalid(_("There is no column named %(name)s."), name=column)
    if bool(territory) == bool(plan):
        raise Invalid(_("Say the territories by a column (--territory) or by a plan (--plan)."))
    where = [row[territory] for row in rows] if territory else placed(events, plan)
    history = history_of(rows, where, (on, closed, load), kind, MONTHS[every], until)
    season = 12 // history.months
    allowed = (
        tuple(Rule) if kind is Kind.FLOW and season > 1 else (Rule.NAIVE, Rule.DRIFT, Rule.SHARED)
    )
    tolerances = np.full(len(history.names), width)
    found = project(history.loads, tolerances, ahead, season, rules=allowed)
    if as_json:
        typer.echo(json.dumps(_document(history, found, width), ensure_ascii=False))
    else:
        _print(history, found, width)


def placed(events: Path, plan: Path | None) -> list[str]:
    """Return the territory of each row by a plan: by id, else that of the nearest account in it.

    Raises NotFound, Invalid.
    """
    from scipy.spatial import cKDTree

    assert plan is not None
    if not plan.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(plan))
    read = accounts_of(events)
    try:
        features = json.loads(plan.read_text("utf-8"))["features"]
        points = [f for f in features if (f.get("geometry") or {}).get("type") == "Point"]
        where = np.array([f["geometry"]["coordinates"] for f in points], float).reshape(-1, 2)
        known = {str(f["id"]): str(f["properties"]["territory"]) for f in points}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(_("%(path)s is no plan as design --out writes it."), path=str(plan)) from None
    if not known:
        raise Invalid(_("%(path)s is no plan as design --out writes it."), path=str(plan))
    names = list(known.values())
    if read.by_degrees:
        where = where[:, ::-1]
    lost = [
        one for one, at in zip(read.ids, read.where, strict=True)
        if one not in known and not np.isfinite(at).all()
    ]  # fmt: skip
    if lost:
        raise Invalid(_("Neither in the plan nor with coordinates: %(ids)s."), ids=named(lost))
    tree = cKDTree(_on_sphere(where, read))
    near = tree.query(_on_sphere(np.nan_to_num(read.where), read))[1]
    return [known.get(one) or names[at] for one, at in zip(read.ids, near.tolist(), strict=True)]


def _on_sphere(where: np.ndarray, read: Accounts) -> np.ndarray:
    if not read.by_degrees:
        return where
    north, east = np.radians(where).T
    return np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )


def _document(history: History, found: Outlook, width: float) -> dict[str, Any]:
    t = len(history.loads)
    out = first_out(found)
    return {
        "schema": writing.SCHEMA,
        "rule": found.rule.value,
        "last_period": history.name_of(t - 1),
        "tolerance": width,
        "interval": found.cover,
        "origins": found.origins,
        "thin_history": found.is_thin,
        "trials": [
            {"rule": one.rule.value, "error": round(one.mean, 6),
             "by_horizon": [round(e, 6) for e in one.error]}
            for one in found.trials
        ],
        "territories": [
            {
                "territory": name,
                "last": round(float(history.loads[-1, a]), 6),
                "off_mean": round(float(history.loads[-1, a] / history.loads[-1].mean() - 1), 6),
                "leaves_tolerance": _named(history, out[a]),
                "periods": [
                    {
                        "period": history.name_of(t + h),
                        "middle": round(float(found.middle[h, a]), 4),
                        "low": round(float(found.low[h, a]), 4),
                        "high": round(float(found.high[h, a]), 4),
                        "off_mean": round(float(found.deviation[h, a]), 6),
                        "off_mean_low": round(float(found.deviation_low[h, a]), 6),
                        "off_mean_high": round(float(found.deviation_high[h, a]), 6),
                        "chance_out": round(float(found.leaves[h, a]), 4),
                    }
                    for h in range(len(found.middle))
                ],
            }
            for a, name in enumerate(history.names)
        ],
    }  # fmt: skip


def _named(history: History, out: int | None) -> str | None:
    return None if out is None else history.name_of(len(history.loads) + out)


def _print(history: History, found: Outlook, width: float) -> None:
    console, t, last = Console(highlight=False), len(history.loads), len(found.middle) - 1
    out = first_out(found)
    head = gettext("What territories will hold in %(period)s") % {
        "period": history.name_of(t + last)
    }
    table = Table(title=head)
    table.add_column(gettext("Territory"))
    for title in (
        gettext("Today"), gettext("Expected"), gettext("8 in 10 between"),
        gettext("Off the mean today"), gettext("Off the mean then"), gettext("Leaves tolerance"),
    ):  # fmt: skip
        table.add_column(title, justify="right")
    for a, name in enumerate(history.names):
        off = float(history.loads[-1, a] / history.loads[-1].mean() - 1)
        table.add_row(
            name, _short(history.loads[-1, a]), _short(found.middle[last, a]),
            f"{_short(found.low[last, a])} – {_short(found.high[last, a])}",
            formats.percent(off), formats.percent(float(found.deviation[last, a])),
            _when(history, out[a], off, width),
        )  # fmt: skip
    console.print(table)
    record = Table(title=gettext("Rules tried on this history"))
    record.add_column(gettext("Rule"))
    record.add_column(gettext("Mean error"), justify="right")
    record.add_column("")
    for one in found.trials:
        mark = gettext("chosen") if one.rule is found.rule else ""
        record.add_row(gettext(RULES[one.rule]), formats.percent(one.mean, 2), mark)
    console.print(record)
    text = ngettext(
        "Tried from %(count)s origin.", "Tried from %(count)s origins.", found.origins
    ) % {"count": found.origins}
    if found.is_thin:
        text += " " + gettext("Thin history: the interval is widened.")
    console.print(text)


def _short(value: float) -> str:
    return formats.number(float(value), 0 if abs(value) >= 100 or math.isclose(value % 1, 0) else 1)


def _when(history: History, out: int | None, off: float, width: float) -> str:
    if abs(off) > width + 1e-9:
        return gettext("is outside today")
    return _named(history, out) or ""
