"""`perilune metrics`: every measure of a period, as a table or as JSON."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import Annotated

import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Grain
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.metrics.contracts import MEASURES, By, MeasureRow, Note, Unit
from perilune.metrics.queries import measure_rows
from perilune.metrics.queries.documents import row_json
from perilune.people.queries import (
    company,
    home_owner,
    personal_scope_for,
    scope_for,
    user_named,
)
from perilune.ui import formats
from perilune.ui.filters import scope_label

SCHEMA = 1


def metrics_command(
    as_of: Annotated[str, typer.Option("--as-of", help="Day or instant; today if left out.")] = "",
    period: Annotated[
        str,
        typer.Option(
            "--period", help="2017, 2017-Q3, 2017-07; the quarter of the as-of if left out."
        ),
    ] = "",
    by: Annotated[By, typer.Option("--by", help="What figures are cut by.")] = By.TOTAL,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON to standard output.")] = False,
    cohort_from: Annotated[
        str, typer.Option("--cohort-from", help="First day of creation of the cohort.")
    ] = "",
    cohort_to: Annotated[
        str, typer.Option("--cohort-to", help="Last day of creation of the cohort.")
    ] = "",
) -> None:
    """Show every measure of a period as of a day.

    Example: perilune metrics --as-of 2017-12-31 --period 2017-Q3 --by region --json
    """
    found = company()
    asked = AsOf.parse(as_of, found.zone) if as_of else found.today
    span = found.calendar.parse(period) if period else found.calendar.find(asked.day, Grain.QUARTER)
    scope, personal = _sight(asked)
    rows = measure_rows(
        asked,
        span,
        by,
        scope,
        personal=personal,
        cohort=_cohort(cohort_from, cohort_to),
    )
    if as_json:
        content = {
            "schema": SCHEMA,
            "as_of": asked.day.isoformat(),
            "period": span.name,
            "currency": found.currency,
            "scope": scope.label,
            "rows": [row_json(row, found.currency) for row in rows],
        }
        typer.echo(json.dumps(content, ensure_ascii=False))
        return
    Console().print(
        _table(
            rows, f"{span.name} · {formats.day(asked.day)} · {scope_label(scope)}", found.currency
        )
    )


def _sight(as_of: AsOf) -> tuple[Scope, Scope | None]:
    """Return what the user sees for whom the command acts: PERILUNE_AS, else the home's owner.

    Whoever holds the files of a home that has no users yet is its owner.
    """
    name = os.environ.get("PERILUNE_AS", "")
    user = user_named(name) if name else home_owner()
    if user is not None:
        return scope_for(user, as_of), personal_scope_for(user)
    if name:
        raise NotFound(_("There is no user %(name)s: add one with «perilune user add»."), name=name)
    return Scope.company(), None


def _cohort(first: str, last: str) -> tuple[date, date] | None:
    if not first and not last:
        return None
    try:
        return date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        raise Invalid(
            _("A cohort needs two days: --cohort-from 2026-01-01 --cohort-to 2026-03-31.")
        ) from None


def _table(rows: list[MeasureRow], title: str, currency: str) -> Table:
    table = Table(title=title)
    for column in (gettext("Unit"), gettext("Measure"), gettext("Value"), "n", gettext("Note")):
        table.add_column(column, justify="right" if column in (gettext("Value"), "n") else "left")
    for row in rows:
        table.add_row(
            row.label or gettext("Total"),
            gettext(MEASURES[row.measure].label),
            _shown(row, currency),
            formats.number(row.n, 0),
            _said(row.note),
        )
    return table


def _shown(row: MeasureRow, currency: str) -> str:
    """Return a value as pages write it, in the reader's language; an interval in its place."""
    unit = MEASURES[row.measure].unit
    if row.value is None and row.interval is not None:
        return " – ".join(_written(bound, unit, currency) for bound in row.interval)
    return _written(row.value, unit, currency)


def _written(value: float | int | None, unit: Unit, currency: str) -> str:
    if unit is Unit.MONEY:
        return formats.money(value, currency)
    if unit is Unit.RATIO:
        return formats.percent(value)
    if unit is Unit.DAYS:
        return formats.days(value)
    return formats.number(value, 0 if unit is Unit.COUNT else 1)


def _said(note: Note | None) -> str:
    return note.said(gettext, ngettext) if note else ""
