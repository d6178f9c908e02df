"""What the tests of planning stand on: the small company with one user of every role."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from perilune.crm.testing import Book
    from perilune.people.testing import Cast


@pytest.fixture
def cast(db: None) -> Cast:
    from perilune.people.testing import cast as make_cast  # its models need Django, ready by now

    return make_cast()


@pytest.fixture
def book(cast: Cast) -> Book:
    from perilune.crm.testing import make_book

    return make_book(cast)
