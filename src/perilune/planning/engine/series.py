"""An index series from rows of text: a day and a level in each, a header or remarks above."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _

Point = tuple[date, float]
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-(\d{1,2}))?(?:[ T].*)?$")
_QUARTER = re.compile(r"(\d{4})[- ]?[QT]([1-4])$", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})$")
_SPACES = str.maketrans("", "", " \u00a0\u202f'")


def series_of(rows: Iterable[Sequence[str]], *, day_first: bool = False) -> tuple[Point, ...]:
    """Return the points of rows of text, in order of their days; Invalid where there are none.

    Days: 2026-03-31, 2026-03, 2026-Q1 or 31/03/2026. Where day and month cannot be told apart in
    any row, `day_first` decides, else the file is refused. Rows whose first cell is no day are
    remarks as long as no point came before; later they are errors, with their number.
    """
    found: list[tuple[int, str, float]] = []
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells:
            continue
        level = _level(cells[1]) if len(cells) > 1 else None
        if level is not None and _is_day(cells[0]):
            found.append((number, cells[0], level))
        elif found:
            raise Invalid(_("Row %(row)s has no day and level: «%(text)s»."), row=number,
                          text=" ".join(cells)[:60])  # fmt: skip
    if not found:
        raise Invalid(_("There is no row with a day and a level, such as 2026-03-31 and 104.2."))
    reads_day_first = _order([text for _n, text, _level in found], day_first)
    points: dict[date, float] = {}
    for number, text, level in found:
        day = _day(text, reads_day_first, number)
        if day in points:
            raise Invalid(_("Row %(row)s repeats the day %(text)s."), row=number, text=text)
        points[day] = level
    return tuple(sorted(points.items()))


def _is_day(text: str) -> bool:
    return any(pattern.match(text) for pattern in (_ISO, _QUARTER, _SLASHED))


def _order(texts: Sequence[str], day_first: bool) -> bool:
    slashed = [match for text in texts if (match := _SLASHED.match(text))]
    if not slashed or any(int(match[1]) > 12 for match in slashed):
        return True
    if any(int(match[2]) > 12 for match in slashed):
        return False
    if day_first:
        return True
    raise Invalid(_("Day and month cannot be told apart: write days as 2026-12-31."))


def _day(text: str, day_first: bool, number: int) -> date:
    try:
        if match := _QUARTER.match(text):
            return date(int(match[1]), 3 * int(match[2]) - 2, 1)
        if match := _ISO.match(text):
            return date(int(match[1]), int(match[2]), int(match[3] or 1))
        match = _SLASHED.match(text)
        assert match is not None  # `_is_day` let it in
        first, second = int(match[1]), int(match[2])
        day, month = (first, second) if day_first else (second, first)
        return date(int(match[3]), month, day)
    except ValueError:
        raise Invalid(_("Row %(row)s: %(text)s is not a day."), row=number, text=text) from None


def _level(text: str) -> float | None:
    """Return the number of 104.2, 104,2, 1 104,2 or 1,104.2; None for anything else."""
    bare = text.translate(_SPACES)
    if "," in bare and "." in bare:
        thousands = "," if bare.rfind(".") > bare.rfind(",") else "."
        bare = bare.replace(thousands, "")
    try:
        return float(bare.replace(",", "."))
    except ValueError:
        return None
