"""Moves between segments as a picture: what was at left, what is at right, ribbons between."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, ngettext

from perilune.planning.contracts import SegmentFlow
from perilune.planning.queries.segment_words import segment_label
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, Row, Table

WIDTH, HEIGHT, GAP, BAR, SIDE = 560, 240, 8, 10, 150
"""Of the picture, in its own units; SIDE is the room of a name."""
HUES = 8


@dataclass(frozen=True)
class FlowNode:
    """A segment on one side. y, height: of its bar; anchor: of its name's text."""

    name: str
    accounts: str
    x: float
    y: float
    height: float
    label_x: float
    anchor: str
    hue: int

    @property
    def middle(self) -> float:
        """Return where its name stands."""
        return round(self.y + self.height / 2, 1)


@dataclass(frozen=True)
class FlowRibbon:
    """Accounts that stayed or moved: the outline, its hue, and the sentence read aloud."""

    path: str
    hue: int
    is_move: bool
    said: str


@dataclass(frozen=True)
class FlowPicture:
    """The picture. title: what it says in one sentence."""

    nodes: tuple[FlowNode, ...]
    ribbons: tuple[FlowRibbon, ...]
    title: str
    width: int = WIDTH
    height: int = HEIGHT


def flow_sentence(found: SegmentFlow) -> str:
    """Return how many accounts changed their segment, and how many came."""
    facts = {"since": formats.day(found.since), "n": formats.number(found.moved, 0)}
    said = (
        ngettext(
            "%(n)s account changed its segment since %(since)s.",
            "%(n)s accounts changed their segment since %(since)s.",
            found.moved,
        )
        % facts
    )
    come = sum(found.come.values())
    if not come:
        return said
    text = ngettext("%(n)s account is new.", "%(n)s accounts are new.", come)
    return f"{said} {text % {'n': formats.number(come, 0)}}"


def flow_picture(found: SegmentFlow, order: Sequence[str]) -> FlowPicture | None:
    """Return the picture of a flow, segments in an order and others after; None where all stay."""
    if not found.moved:
        return None
    left, right = Counter[str](), Counter[str]()
    for before, after, count in found.shifts:
        left[before] += count
        right[after] += count
    listed = [*order, *sorted({*left, *right} - {*order})]
    names = sorted((n for n in listed if left[n] or right[n]), key=lambda n: n == "")
    hue = {name: 0 if not name else at % HUES + 1 for at, name in enumerate(listed)}
    total = sum(left.values())
    room = HEIGHT - GAP * (len(names) - 1)
    tops = [_tops(side, names, room / total) for side in (left, right)]
    nodes = [
        *(_node(n, left[n], SIDE, tops[0][n], hue, room / total) for n in names if left[n]),
        *(_node(n, right[n], WIDTH - SIDE - BAR, tops[1][n], hue, room / total, is_right=True)
          for n in names if right[n]),
    ]  # fmt: skip
    at_left, at_right = dict(tops[0]), dict(tops[1])
    ribbons = []
    rank = {name: at for at, name in enumerate(names)}
    for before, after, count in sorted(found.shifts, key=lambda s: (rank[s[0]], rank[s[1]])):
        size = count * room / total
        path = _path(at_left[before], at_right[after], size)
        at_left[before] += size
        at_right[after] += size
        facts = {"n": formats.number(count, 0), "before": segment_label(before),
                 "after": segment_label(after)}  # fmt: skip
        said = gettext("%(before)s to %(after)s: %(n)s") % facts
        ribbons.append(FlowRibbon(path, hue[before], before != after, said))
    return FlowPicture(tuple(nodes), tuple(ribbons), flow_sentence(found))


def flow_table(found: SegmentFlow) -> Table:
    """Return the moves as rows, the largest first; those who stay are left out."""
    moved = [one for one in found.shifts if one[0] != one[1]]
    rows = [
        Row(at, (segment_label(before), segment_label(after), count))
        for at, (before, after, count) in enumerate(moved)
    ]
    return Table(
        (
            Column("before", gettext("From"), is_title=True),
            Column("after", gettext("To")),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
        ),
        rows,
        gettext("Moves between segments"),
        name="segment-moves",
        is_dense=True,
    )


def _tops(side: Counter[str], names: list[str], scale: float) -> dict[str, float]:
    tops, y = {}, 0.0
    for name in names:
        tops[name] = y
        y += side[name] * scale + (GAP if side[name] else 0)
    return tops


def _node(  # noqa: PLR0917 - the parts of a bar
    name: str,
    count: int,
    x: float,
    y: float,
    hue: dict[str, int],
    scale: float,
    *,
    is_right: bool = False,
) -> FlowNode:
    label_x = x + BAR + 6 if is_right else x - 6
    return FlowNode(
        segment_label(name), formats.number(count, 0), x, round(y, 1),
        round(max(count * scale, 1.0), 1), label_x, "start" if is_right else "end", hue[name],
    )  # fmt: skip


def _path(y0: float, y1: float, size: float) -> str:
    x0, x1 = SIDE + BAR, WIDTH - SIDE - BAR
    middle = (x0 + x1) / 2
    low, high = y0 + size, y1 + size
    return (
        f"M{x0} {y0:.1f}C{middle} {y0:.1f} {middle} {y1:.1f} {x1} {y1:.1f}"
        f"L{x1} {high:.1f}C{middle} {high:.1f} {middle} {low:.1f} {x0} {low:.1f}Z"
    )
