"""Small drawings as SVG: positions are attributes, so that pages need no inline styles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from perilune.ui.contracts import RangeBar, Sparkline

WIDTH, HEIGHT, EDGE = 96, 24, 2


@dataclass(frozen=True)
class SparkDrawing:
    """Polylines (one for each stretch without gap), the last point, the target's height."""

    lines: Sequence[str]
    last: tuple[float, float] | None
    target: float | None


def spark(line: Sparkline) -> SparkDrawing:
    """Return the drawing of a sparkline in a box of 96 by 24."""
    known = [v for v in (*line.values, line.target) if v is not None]
    if not known:
        return SparkDrawing((), None, None)
    low, high = min(known), max(known)
    step = (WIDTH - 2 * EDGE) / max(len(line.values) - 1, 1)

    def y(value: float) -> float:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)

    stretches: list[list[tuple[float, float]]] = [[]]
    for i, value in enumerate(line.values):
        if value is None:
            stretches.append([])
        else:
            stretches[-1].append((round(EDGE + i * step, 1), y(value)))
    drawn = [stretch for stretch in stretches if stretch]
    return SparkDrawing(
        lines=[" ".join(f"{a},{b}" for a, b in stretch) for stretch in drawn],
        last=drawn[-1][-1] if drawn else None,
        target=None if line.target is None else y(line.target),
    )


@dataclass(frozen=True)
class BarDrawing:
    """Places on the bar in percent of its width; None where there is nothing to draw."""

    won: float | None
    low: float | None
    middle: float | None
    high: float | None
    target: float | None
    call: float | None

    @property
    def width(self) -> float:
        """The width of the range."""
        if self.low is None or self.high is None:
            return 0.0
        return round(max(self.high - self.low, 0.4), 2)


def bar(range_bar: RangeBar) -> BarDrawing:
    """Return the places of a range bar on a scale from zero past its largest part."""
    parts = (
        range_bar.won,
        range_bar.p10,
        range_bar.p50,
        range_bar.p90,
        range_bar.target,
        range_bar.call,
    )
    reached = (part for part in (*parts, range_bar.top) if part is not None)
    top = max(reached, default=0) * 1.04
    if top <= 0:
        return BarDrawing(None, None, None, None, None, None)
    return BarDrawing(
        *(None if part is None else round(max(part, 0) / top * 100, 2) for part in parts)
    )
