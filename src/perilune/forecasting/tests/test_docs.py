"""The worked examples of the method pages are what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

METHODS = Path(__file__).parents[4] / "docs" / "methods"


@pytest.mark.engine
@pytest.mark.parametrize(
    ("page", "least"),
    [
        ("forecast-range.md", 10),
        ("pipeline-bridge.md", 10),
        ("forecast-meeting.md", 10),
        ("risks.md", 10),
        ("departure.md", 3),
    ],
)
def test_the_worked_example_holds(page: str, least: int) -> None:
    result = doctest.testfile(str(METHODS / page), module_relative=False)
    assert result.attempted > least
    assert result.failed == 0
