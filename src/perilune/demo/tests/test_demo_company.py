"""The method page says what the generator does."""

from __future__ import annotations

import doctest
from pathlib import Path

PAGE = Path(__file__).parents[4] / "docs" / "methods" / "demo-company.md"


def test_the_method_page_shows_the_parameters_that_are_used() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False)
    assert result.attempted > 0
    assert result.failed == 0
