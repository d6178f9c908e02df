"""The worked examples of the method pages are what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[4] / "docs" / "methods"


@pytest.mark.engine
@pytest.mark.parametrize(("page", "least"), [("forecast-range", 11), ("risks", 11)])
def test_the_worked_example_holds(page: str, least: int) -> None:
    result = doctest.testfile(str(PAGES / f"{page}.md"), module_relative=False)
    assert result.attempted >= least
    assert result.failed == 0
