"""Samples of grids."""

from __future__ import annotations

from perilune.ui.contracts import Column, Format, Grid, GridCell, GridRow, Status, Tone
from perilune.ui.web.samples.kinds import LONG, WHY, Group, Sample


def grids() -> list[Group]:
    columns = [
        Column("unit", "Unit"),
        Column("closed", "Closed", Format.MONEY, currency="EUR", decimals=0),
        Column("commit", "Commit", Format.MONEY, currency="EUR", decimals=0),
        Column("attainment", "Attainment", Format.PERCENT, unit="%", decimals=0),
    ]

    def cells(name: str, closed: int, commit: int, note: str = "") -> list[GridCell]:
        return [
            GridCell(closed, why_url=WHY, typed=str(closed // 100)),
            GridCell(
                commit,
                note,
                Tone.WATCH,
                why_url=WHY,
                field=f"cell:{name}",
                typed=str(commit // 100),
            ),
            GridCell(closed / 300_000_000, tone=Tone.GOOD),
        ]

    figures = Grid(
        columns,
        [
            GridRow("total", "Company", cells("total", 120_000_000, 240_000_000)),
            GridRow(
                "north",
                "North",
                cells("north", 90_000_000, 150_000_000, "1,600,000 A. Martin"),
                "total",
                1,
                under="Anne Martin",
            ),
            GridRow("n1", "Karim Benali", cells("n1", 90_000_000, 150_000_000), "north", 2),
            GridRow(
                "open",
                LONG,
                cells("open", 30_000_000, 90_000_000),
                "total",
                1,
                status=Status("part", Tone.WATCH),
                is_open=False,
            ),
            GridRow("o1", "Lucie Garnier", cells("o1", 30_000_000, 90_000_000), "open", 2),
        ],
        "Forecast by unit",
        name="sample-grid",
        save_url="#save",
        save_label="Save the overrides",
        reason_label="Reason",
        note="Percentiles of rows do not add up.",
    )
    return [
        Group(
            "grid",
            "A tree of figures that people walk, copy and type into: roll-up, quotas.",
            "A list of records with filters: that is a table.",
            [Sample("default", figures)],
        )
    ]
