"""`perilune hub reconcile`: why a total of another system differs from ours, row by row."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table as Grid

from perilune.hub.queries import reconciling as queries
from perilune.hub.queries.beside import DEAL
from perilune.hub.queries.said import said
from perilune.hub.service.reconciling import Asked, reconcile_report
from perilune.kernel.asof import AsOf
from perilune.kernel.errors import Invalid, NotFound, PeriluneError
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import minor_exponent
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import KINDS
from perilune.people.queries import company, scope_for, user_named
from perilune.ui import formats

EQUAL, INTERNAL, USAGE, DIFFERS = 0, 1, 2, 3
_err = Console(stderr=True)


def reconcile_command(  # noqa: PLR0913, PLR0917  # Typer names every option
    file: Annotated[Path | None, typer.Argument(help="The report: CSV or Excel.")] = None,
    total: Annotated[str, typer.Option(help="What the other system says, 123456.78.")] = "",
    kind: Annotated[str, typer.Option(help="opportunity, account, contact, lead, …")] = DEAL,
    measure: Annotated[str, typer.Option(help="A money field of the kind, or count.")] = "",
    where: Annotated[str, typer.Option(help="Only records of a value: industry=Retail.")] = "",
    period: Annotated[str, typer.Option(help="2026, 2026-Q1, 2026-03: days of closing.")] = "",
    stage: Annotated[str, typer.Option(help="Of deals: won, open, lost or all.")] = "won",
    owner: Annotated[str, typer.Option(help="Only records of this rep.")] = "",
    source: Annotated[str, typer.Option(help="Whose ids the report has.")] = "",
    report_day: Annotated[str, typer.Option(help="Of which day the report is.")] = "",
    as_of: Annotated[str, typer.Option("--as-of", help="Day or instant here; today.")] = "",
    title: Annotated[str, typer.Option(help="What the comparison is called.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Say which rows make the difference: perilune hub reconcile won.csv --period 2026-Q1.

    Exit 0 where both totals are equal, 3 where they differ.
    """
    try:
        found = company()
        at = AsOf.parse(as_of, found.zone) if as_of else found.today
        asked = Asked(
            found.calendar.parse(period) if period else None,
            "" if stage == "all" else stage, owner, source,
            _day(report_day), _number(total), title, kind, measure, _where(where),
        )  # fmt: skip
        scope = _scope(at)
        made = reconcile_report(file, asked, scope=scope, as_of=at, actor="cli")
        info = queries.reconciliation(made)
        rows = queries.reconciled_rows(info, scope=scope, as_of=at, limit=None)
    except PeriluneError as error:
        _err.print(said(error.message, error.params), markup=False)
        raise typer.Exit(USAGE if isinstance(error, Invalid) else INTERNAL) from None
    if as_json:
        sys.stdout.write(json.dumps(_as_json(info, rows), ensure_ascii=False, indent=2) + "\n")
    else:
        _show(info, rows)
    raise typer.Exit(DIFFERS if info.difference else EQUAL)


def _scope(at: AsOf) -> Scope:
    name = os.environ.get("PERILUNE_AS", "")
    if not name:
        return Scope.company()
    user = user_named(name)
    if user is None:
        raise NotFound(_("There is no user named %(name)s."), name=name)
    return scope_for(user, at)


def _where(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if text and not (sign and name.strip() and value.strip()):
        raise Invalid(_("«%(text)s» is not a filter such as industry=Retail."), text=text)
    return name.strip(), value.strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid(_("«%(text)s» is not a date such as 2026-12-31."), text=text) from None


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        raise Invalid(_("«%(text)s» is not a number such as 1234.56."), text=text) from None


def _shown(value: int, info: queries.ReconciliationInfo) -> str:
    return formats.money(value, info.currency) if info.currency else formats.number(value, 0)


def _show(info: queries.ReconciliationInfo, rows: list[queries.RowInfo]) -> None:
    console = Console()
    text = gettext("Report %(there)s, here %(here)s, difference %(difference)s.")
    console.print(
        text % {
            "there": _shown(info.total_there, info),
            "here": _shown(info.total_here, info),
            "difference": _shown(info.difference, info),
        },
        markup=False,
    )  # fmt: skip
    grid = Grid(
        gettext("Cause"), gettext(KINDS.get(info.kind).label), gettext("Report"), gettext("Here"),
        gettext("Difference"),
    )  # fmt: skip
    for one in rows[: queries.SHOWN]:
        grid.add_row(
            gettext(queries.cause_label(one.cause, info.kind)), one.name or one.key,
            _shown(one.there, info), _shown(one.here, info),
            _shown(one.difference, info),
        )  # fmt: skip
    console.print(grid)


def _as_json(info: queries.ReconciliationInfo, rows: list[queries.RowInfo]) -> dict[str, Any]:
    scale = 10 ** minor_exponent(info.currency) if info.currency else 1
    return {
        "id": info.id,
        "kind": info.kind,
        "measure": info.measure,
        "currency": info.currency,
        "as_of": info.as_of.isoformat(),
        "store_version": info.version,
        "filters": dict(info.filters),
        "rows_in_report": info.counts["there"],
        "rows_here": info.counts["here"],
        "rows_equal": info.counts["equal"],
        "total_in_report": info.total_there / scale,
        "total_here": info.total_here / scale,
        "difference": info.difference / scale,
        "residual": info.residual / scale,
        "causes": [
            {"cause": one.cause, "rows": one.rows, "difference": one.difference / scale}
            for one in info.causes
        ],
        "rows": [
            {
                "cause": one.cause, "key": one.key, "record": one.record_id, "name": one.name,
                "in_report": one.there / scale, "here": one.here / scale,
                "difference": one.difference / scale, "was": one.was, "now": one.now,
                "is_sure": one.is_sure,
            }
            for one in rows
        ],
    }  # fmt: skip
