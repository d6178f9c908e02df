"""How past chances of deals did: the reliability diagram and its scores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ChanceBin:
    """Chances near each other: the least, largest and mean of them; won of count came."""

    low: float
    high: float
    chance: float
    won: int
    count: int

    @property
    def share(self) -> float:
        """The share that was won."""
        return self.won / self.count


@dataclass(frozen=True)
class ChanceScore:
    """How `count` chances did, of which `won` came true; figures as in `engine/scoring.py`."""

    count: int = 0
    won: int = 0
    log_loss: float | None = None
    plain_log_loss: float | None = None
    ece: float | None = None
    bins: tuple[ChanceBin, ...] = ()

    def like(self, chance: float) -> ChanceBin | None:
        """Return the bin of past chances that a chance belongs to; None where none was scored."""
        return next((item for item in self.bins if chance <= item.high), None) or (
            self.bins[-1] if self.bins else None
        )


@dataclass(frozen=True)
class DealReliability:
    """The chances of deals to be won within `window` days, of `days` with a model on record.

    wanted: the days that were looked for. A deal that was open on several of the days counts on
    each: `deals` of them are distinct.
    """

    window: int
    days: tuple[date, ...]
    wanted: int
    deals: int
    score: ChanceScore
