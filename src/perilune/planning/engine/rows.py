"""Rows of people: one more, some less."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from perilune.planning.contracts import Tables
from perilune.planning.contracts.tables import Flags, Floats
from perilune.planning.engine.handing import locked


@dataclass(frozen=True)
class Row:
    """One row of people; see `Tables`. share: (DAYS,)."""

    rep: int
    team: int
    share: Floats
    like: int
    start: int = -1
    ramp_days: int = 0
    ramp_fixed: bool = False


def with_row(tables: Tables, row: Row) -> Tables:
    """Return the tables with a row more, at the end."""
    return replace(
        tables,
        reps=locked(np.append(tables.reps, np.int64(row.rep))),
        team=locked(np.append(tables.team, np.int64(row.team))),
        share=locked(np.vstack([tables.share, row.share])),
        like=locked(np.append(tables.like, np.int64(row.like))),
        start=locked(np.append(tables.start, np.int64(row.start))),
        ramp_days=locked(np.append(tables.ramp_days, np.int64(row.ramp_days))),
        ramp_fixed=locked(np.append(tables.ramp_fixed, np.bool_(row.ramp_fixed))),
    )


def without(tables: Tables, gone: Flags) -> Tables:
    """Return the tables without some rows (R,)."""
    if not gone.any():
        return tables
    kept = ~gone
    return replace(
        tables,
        reps=locked(tables.reps[kept]),
        team=locked(tables.team[kept]),
        share=locked(tables.share[kept]),
        like=locked(tables.like[kept]),
        start=locked(tables.start[kept]),
        ramp_days=locked(tables.ramp_days[kept]),
        ramp_fixed=locked(tables.ramp_fixed[kept]),
    )
