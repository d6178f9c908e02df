"""Turn a grid into what its template prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from perilune.ui import formats
from perilune.ui.contracts import Column, Grid, GridCell, GridRow


@dataclass(frozen=True)
class ShownCell:
    """A cell with its figure written."""

    cell: GridCell
    column: Column
    text: str

    @property
    def is_unknown(self) -> bool:
        """Whether there is no figure."""
        return self.cell.value is None


@dataclass(frozen=True)
class ShownGridRow:
    """A row with its cells written. is_hidden: a row above it is closed at first."""

    row: GridRow
    cells: Sequence[ShownCell]
    has_children: bool
    is_hidden: bool


def prepare(grid: Grid) -> dict[str, Any]:
    """Return the context of the grid's template."""
    parents = {row.parent for row in grid.rows}
    closed: set[str] = set()
    rows = []
    for row in grid.rows:
        is_hidden = row.parent in closed
        if is_hidden or not row.is_open:
            closed.add(row.key)
        cells = [
            ShownCell(cell, column, _written(cell, column))
            for cell, column in zip(row.cells, grid.columns[1:], strict=True)
        ]
        rows.append(ShownGridRow(row, cells, row.key in parents, is_hidden))
    return {
        "grid": grid,
        "title": grid.columns[0],
        "columns": [
            (column, formats.unit_of(column.format, column.unit, column.currency))
            for column in grid.columns[1:]
        ],
        "rows": rows,
        "is_editable": bool(grid.save_url)
        and any(cell.field for row in grid.rows for cell in row.cells),
    }


def _written(cell: GridCell, column: Column) -> str:
    unit = not formats.unit_of(column.format, column.unit, column.currency)
    return formats.write(cell.value, column.format, column.currency, column.decimals, unit=unit)
