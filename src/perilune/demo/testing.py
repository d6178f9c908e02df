"""Makers for other capabilities' tests: the small demo company in the test's own home."""

from __future__ import annotations

from datetime import date

from perilune.demo.contracts import PASSWORD, Report
from perilune.demo.engine.company import Told, tell
from perilune.demo.engine.truth import Truth
from perilune.demo.service import demo_build
from perilune.history.testing import made_once_a_run

TODAY = date(2026, 6, 30)
SEED = 20

__all__ = ["PASSWORD", "SEED", "TODAY", "build_small", "built_anew", "tell_small"]


def built_anew(
    today: date = TODAY, seed: int = SEED, *, language: str = "en", recorded_weeks: int = 1
) -> Report:
    """Build the small company (six seats, about 400 deals, a dozen seconds) in this home."""
    return demo_build(
        today, seed, truth=Truth.small(), language=language, recorded_weeks=recorded_weeks
    )


build_small = made_once_a_run(built_anew)
"""The same company, built once for all processes of a run and then put back."""


def tell_small(today: date = TODAY, seed: int = SEED) -> Told:
    """Return the same company without any database: the truth behind `build_small`."""
    return tell(Truth.small(), seed, today)
