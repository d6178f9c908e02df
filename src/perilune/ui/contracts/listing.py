"""Lists, boards, filters and single fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from perilune.ui.contracts.explaining import Empty
from perilune.ui.contracts.figures import Format, Status, Tone
from perilune.ui.contracts.framing import Action, Link


@dataclass(frozen=True)
class Column:
    """A column of a table.

    unit: shown in the header; for money with `currency` it is that currency by itself.
    sort_url: the address that sorts by this column (or turns the order); sorted: «», «asc», «desc».
    is_title: the row's name: frozen at left, links to the row's url.
    is_minor: left out on a phone, where the columns that matter first have the room.
    """

    name: str
    label: str
    format: Format = Format.TEXT
    unit: str = ""
    currency: str = ""
    decimals: int | None = None
    sort_url: str = ""
    sorted: str = ""
    is_title: bool = False
    hint: str = ""
    why_url: str = ""
    is_minor: bool = False


@dataclass(frozen=True)
class Cell:
    """A value that carries more than itself; a plain value does where nothing more is said.

    value: as the column's format wants it, or a Status.
    edit_url: GET gives the editor, see `field`.
    """

    value: Any
    url: str = ""
    tone: Tone = Tone.NEUTRAL
    hint: str = ""
    why_url: str = ""
    edit_url: str = ""
    currency: str = ""
    in_drawer: bool = False


@dataclass(frozen=True)
class Row:
    """A row: plain values, Status or Cell, in the order of the columns.

    url: the record. currency: of the row's money where it may differ from the column's.
    level: depth in a tree, 0 at the root.
    """

    id: int | str
    cells: Sequence[Any]
    url: str = ""
    currency: str = ""
    level: int = 0
    is_selected: bool = False
    tone: Tone = Tone.NEUTRAL


@dataclass(frozen=True)
class Pages:
    """Which rows of how many are shown, and the way to the others."""

    first: int
    last: int
    total: int
    previous_url: str = ""
    next_url: str = ""


@dataclass(frozen=True)
class Table:
    """A table.

    totals: one value for each column (None for none); total_label says what is summed.
    verbs: bulk actions by POST: the ids arrive as repeated `id`; with verbs, rows are selectable.
    export_urls: «CSV», «Excel», of exactly this list. caption: what the rows are, read aloud.
    note: a sentence below the rows; note_link: where what it tells of is shown.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    caption: str
    totals: Sequence[Any] = ()
    total_label: str = ""
    export_urls: Sequence[Link] = ()
    empty: Empty | None = None
    pages: Pages | None = None
    verbs: Sequence[Action] = ()
    is_dense: bool = False
    is_loading: bool = False
    name: str = "table"
    note: str = ""
    note_link: Link | None = None


@dataclass(frozen=True)
class Choice:
    """One value of a choice; `count` rows have it."""

    value: str
    label: str
    is_selected: bool = False
    count: int | None = None


@dataclass(frozen=True)
class Filter:
    """A filter chip.

    kind: «choice» (many of `choices`), «one» (one of them), «text», «date», «number»; ranges of
    dates and numbers use two filters. value: as in the address. summary: what a set chip says.
    """

    name: str
    label: str
    kind: str = "choice"
    value: str = ""
    choices: Sequence[Choice] = ()
    summary: str = ""
    clear_url: str = ""


@dataclass(frozen=True)
class FilterBar:
    """Filters as chips, state in the address; `hidden` keeps what other parts have there."""

    filters: Sequence[Filter]
    url: str = ""
    query: str | None = None
    query_label: str = ""
    reset_url: str = ""
    hidden: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldView:
    """A field of a record, read and edited in one place.

    edit_url: GET answers the same field with is_editing=True, POST saves and answers it read again
    (or with `problem`). The posted value has the field's `name`. is_personal is data of a person.
    """

    name: str
    label: str
    value: Any = None
    format: Format = Format.TEXT
    currency: str = ""
    decimals: int | None = None
    choices: Sequence[Choice] = ()
    edit_url: str = ""
    is_editing: bool = False
    is_required: bool = False
    is_machine_made: bool = False
    url: str = ""
    hint: str = ""
    problem: str = ""
    raw: str = ""
    history_url: str = ""


@dataclass(frozen=True)
class Card:
    """A card of a board."""

    id: int | str
    title: str
    url: str = ""
    lines: Sequence[str] = ()
    amount: int | None = None
    currency: str = ""
    due: date | None = None
    status: Status | None = None


@dataclass(frozen=True)
class BoardColumn:
    """A column of a board; `count` and `total` are of all its cards, also those not shown."""

    id: int | str
    label: str
    cards: Sequence[Card] = ()
    count: int = 0
    total: int | None = None
    currency: str = ""
    more_url: str = ""


@dataclass(frozen=True)
class Board:
    """Cards by column. A drop posts `id` and `column` to move_url; empty move_url is read-only."""

    columns: Sequence[BoardColumn]
    caption: str
    move_url: str = ""
