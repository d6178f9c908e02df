"""The worked example of the method page is what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

METHODS = Path(__file__).parents[4] / "docs" / "methods"


@pytest.mark.engine
@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("scenarios.md", 8), ("annual-plan.md", 8), ("plan-engines.md", 8), ("capacity.md", 5),
        ("segments.md", 8),
    ],
)  # fmt: skip
def test_the_worked_example_holds(page: str, least: int) -> None:
    result = doctest.testfile(str(METHODS / page), module_relative=False)
    assert result.attempted >= least
    assert result.failed == 0
