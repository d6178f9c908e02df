"""The worked example of the method page is what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[4] / "docs" / "methods" / "territories.md"


@pytest.mark.engine
@pytest.mark.timeout(900)
def test_the_worked_example_holds() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0
