"""The worked examples of the method pages are what the engine says."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

METHODS = Path(__file__).parents[4] / "docs" / "methods"


@pytest.mark.engine
@pytest.mark.timeout(900)
@pytest.mark.parametrize(("page", "least"), [("territories", 6), ("territory-plans", 5)])
def test_the_worked_example_holds(page: str, least: int) -> None:
    result = doctest.testfile(str(METHODS / f"{page}.md"), module_relative=False)
    assert result.attempted >= least
    assert result.failed == 0
