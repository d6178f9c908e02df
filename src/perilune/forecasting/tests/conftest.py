from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from perilune.crm.testing import Book
    from perilune.people.testing import Cast


@pytest.fixture
def site_cast(db: None) -> Cast:
    # imported here: this file is read before Django is set up
    from perilune.people import testing

    return testing.cast()


@pytest.fixture
def book(site_cast: Cast) -> Book:
    from perilune.crm import testing

    return testing.make_book(site_cast)
