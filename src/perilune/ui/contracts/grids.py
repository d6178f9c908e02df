"""A grid: a tree of rows by columns of figures, some of which are typed into like a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from perilune.ui.contracts.figures import Status, Tone
from perilune.ui.contracts.framing import Link
from perilune.ui.contracts.listing import Column


@dataclass(frozen=True)
class GridCell:
    """A figure of a grid.

    value: as the column's format wants it. note: a second line beside it, already written, with
    `note_tone`. why_url: the drawer behind it. field: the name under which a typed value is sent;
    empty where nothing may be typed. typed: what the editor starts with, also what is copied.
    """

    value: Any = None
    note: str = ""
    note_tone: Tone = Tone.NEUTRAL
    tone: Tone = Tone.NEUTRAL
    hint: str = ""
    why_url: str = ""
    field: str = ""
    typed: str = ""


@dataclass(frozen=True)
class GridRow:
    """A row of a tree; rows stand depth first. parent: the key of the row above, empty at the root.

    under: a second line below the label. is_open: whether the rows below it show at first. is_sum:
    whether a row at the root stands out as the sum of others.
    """

    key: str
    label: str
    cells: Sequence[GridCell]
    parent: str = ""
    level: int = 0
    under: str = ""
    status: Status | None = None
    is_open: bool = True
    is_sum: bool = True


@dataclass(frozen=True)
class Grid:
    """A tree of rows with a frozen first column, walked by arrows, copied and pasted as a block.

    columns: the first is the rows' name. save_url: takes the typed values by POST, each under its
    field's name, with `reason`; empty for a grid that is only read. save_label: the verb.
    reason_label: empty asks for none. hidden: sent along with what is typed.
    """

    columns: Sequence[Column]
    rows: Sequence[GridRow]
    caption: str
    name: str = "grid"
    save_url: str = ""
    save_label: str = ""
    reason_label: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    export_urls: Sequence[Link] = ()
