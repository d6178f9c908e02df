"""Back-tests of rules, and recorded runs, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext

from perilune.forecasting.contracts import BY_LABELS, Backtest, ForecastResult, RunInfo
from perilune.forecasting.web import words
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Format, Row, Table

KEPT = 12
SCORES = ("wape", "bias", "coverage80")


def scores(test: Backtest) -> tuple[Any, ...]:
    """Return the cells of a back-test, in the order of `score_columns`."""
    return (test.wape, test.bias, test.coverage80, test.points, test.windows)


def score_columns() -> tuple[Column, ...]:
    """Return the columns of a back-test."""
    return (
        Column(
            "wape",
            gettext("Error (WAPE)"),
            Format.PERCENT,
            unit="%",
            hint=gettext("Sum of the absolute errors over the sum of what was won."),
        ),
        Column("bias", gettext("Bias"), Format.PERCENT, unit="%"),
        Column(
            "coverage80",
            gettext("Inside the range"),
            Format.PERCENT,
            unit="%",
            decimals=0,
            hint=gettext("Share of outcomes between p10 and p90; it should be 80 %."),
        ),
        Column("points", gettext("Origins"), Format.NUMBER),
        Column("windows", gettext("Separate windows"), Format.NUMBER),
    )


def members(result: ForecastResult) -> Table:
    """Return the back-test of the combination, of each member alone and of the naive ones."""
    hint = gettext("The weight of the rule in the combination, by its past errors.")
    shares = (
        (
            Column(
                "weight",
                gettext("Share in the combination"),
                Format.PERCENT,
                unit="%",
                decimals=0,
                hint=hint,
            ),
        )
        if result.mix
        else ()
    )
    columns = (
        Column("member", gettext("Rule"), is_title=True),
        Column(
            "remainder",
            gettext("Says of the days to go"),
            Format.MONEY,
            currency=result.currency,
            decimals=0,
        ),
        *shares,
        *score_columns(),
    )
    rows = [
        Row(
            item.name,
            (
                words.member(item.name),
                item.remainder,
                *((result.mix.get(item.name),) if shares else ()),
                *scores(item.backtest),
            ),
        )
        for item in result.total.members
    ]
    reason = gettext("No past day could have made this forecast.")
    return Table(
        columns,
        rows,
        caption=gettext("Back-test by rule"),
        empty=Empty(gettext("No back-test"), reason),
        is_dense=True,
        name="members",
    )


def history(runs: Sequence[RunInfo], currency: str) -> Table:
    """Return the recorded runs of a period, one a day: its cuts have one total."""
    columns = (
        Column("as_of", gettext("As of"), Format.DATE, is_title=True),
        *(
            Column(name, label, Format.MONEY, currency=currency, decimals=0)
            for name, label in (
                ("won", gettext("Won")),
                ("p10", gettext("Pessimistic (p10)")),
                ("p50", gettext("Realistic (p50)")),
                ("p90", gettext("Optimistic (p90)")),
            )
        ),
        Column("actor", gettext("Recorded by")),
        Column("created", gettext("Recorded on"), Format.DATE),
    )
    rows = [
        Row(
            run.id,
            (
                run.as_of.day,
                *(run.rows[0][name] for name in ("won_to_date", "p10", "p50", "p90")),
                run.actor,
                run.created_at.date(),
            ),
            url=reverse("forecasting:run", args=[run.id]),
        )
        for run in {run.as_of.day: run for run in reversed(runs)}.values()
    ][::-1][:KEPT]
    nothing = Empty(
        gettext("No recorded forecast"),
        gettext(
            "Record this one, or switch on the weekly schedule: accuracy is measured on these."
        ),
    )
    return Table(columns, rows, caption=gettext("Recorded forecasts"), empty=nothing, name="runs")


def recorded_rows(run: RunInfo) -> Table:
    """Return the rows of a recorded run as they were kept."""
    names = ("won_to_date", "p10", "p50", "p90", "mean")
    labels = (gettext("Won"), "p10", "p50", "p90", gettext("Mean"))
    columns = (
        Column("unit", gettext(BY_LABELS[run.by]), is_title=True),
        *(
            Column(name, text, Format.MONEY, currency=run.currency, decimals=0)
            for name, text in zip(names, labels, strict=True)
        ),
        *score_columns()[:3],
    )
    rows = [
        Row(
            row["unit"],
            (
                words.label(row["label"], run.scope_label),
                *(row[name] for name in names),
                *(row["backtest"][name] for name in SCORES),
            ),
        )
        for row in run.rows
    ]
    return Table(columns, rows, caption=gettext("Recorded rows"), is_dense=True)


def weights(run: RunInfo) -> list[tuple[str, str]]:
    """Return what the combination of a run was made of, the heaviest member first."""
    found = sorted(run.mix.items(), key=lambda item: -item[1])
    return [(words.member(name), formats.percent(share, 0)) for name, share in found if share > 0]
