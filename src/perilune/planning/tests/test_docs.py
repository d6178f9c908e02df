"""The worked example of the method page is what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

METHODS = Path(__file__).parents[4] / "docs" / "methods"


@pytest.mark.engine
@pytest.mark.parametrize(
    "page", ["scenarios.md", "annual-plan.md", "plan-engines.md", "segments.md"]
)
def test_the_worked_example_holds(page: str) -> None:
    result = doctest.testfile(str(METHODS / page), module_relative=False)
    assert result.attempted >= 8
    assert result.failed == 0
