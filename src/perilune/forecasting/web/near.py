"""What rows bring where the total is near its p10, p50 and p90: these do sum (rule 18)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext

from perilune.forecasting.contracts import BY_LABELS, ForecastResult, ForecastRow, Status
from perilune.forecasting.web import shown, words
from perilune.ui.contracts import Column, Format, Row, Table

NEAR = "near"


def grid(result: ForecastResult, *, may_export: bool = True) -> Table:
    """Return the rows with their contributions, and what open deals bring of the mean to come."""
    return Table(
        columns(result, unit=" "),
        [
            Row(
                f"{row.unit}:all" if result.is_group(row) else row.unit,
                (words.row_label(row, result), *told(row, result)),
                level=depth,
            )
            for depth, row in result.outline()
        ],
        caption=gettext("Contributions by unit"),
        export_urls=shown.exports(result) if may_export else (),
        note=gettext(
            "These columns sum: what each row brings in the outcomes where the total is near its "
            "own p10, p50 or p90. They are no range of the row."
        ),
        is_dense=True,
        name="contributions",
    )


def columns(result: ForecastResult, unit: str = "") -> tuple[Column, ...]:
    """Return the row's name, its contributions and the parts of its mean."""

    def amount(name: str, label: str, hint: str = "") -> Column:
        currency = "" if unit else result.currency
        return Column(
            name, label, Format.MONEY, unit=unit, currency=currency, decimals=0, hint=hint
        )

    return (
        Column("unit", gettext(BY_LABELS[result.request.by]), is_title=True),
        amount("won", gettext("Won")),
        amount("near10", gettext("Near p10"), gettext("Where the total is near its p10.")),
        amount("near50", gettext("Near p50"), gettext("Where the total is near its p50.")),
        amount("near90", gettext("Near p90"), gettext("Where the total is near its p90.")),
        amount("mean", gettext("Mean")),
        amount(
            "existing",
            gettext("From open deals"),
            gettext("Of the mean, what open deals bring in the days to go."),
        ),
        amount(
            "new",
            gettext("Not created yet"),
            gettext("Of the mean, what deals bring that do not exist yet."),
        ),
    )


def told(row: ForecastRow, result: ForecastResult) -> tuple[Any, ...]:
    """Return the cells of a row after its name."""
    is_over = row.status is Status.FINISHED
    near = (None, None, None) if is_over or row.near is None else row.near
    existing, new = parts(row, result)
    return (row.won_to_date, *near, row.mean, existing, new)


def parts(row: ForecastRow, result: ForecastResult) -> tuple[float | None, float | None]:
    """Return what open deals and deals not created yet bring of the mean to come.

    None where open deals play no part: plain rules do not tell the two apart.
    """
    if not result.total.existing:
        return None, None
    if row.existing is None or row.mean is None or row.won_to_date is None:
        return None, None
    # rounding may leave a unit too much with the open deals
    return row.existing, max(row.mean - row.won_to_date - row.existing, 0.0)
