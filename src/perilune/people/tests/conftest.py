from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from perilune.people.testing import Cast


@pytest.fixture
def people_cast(db: None) -> Cast:
    # imported here: this file is read before Django is set up
    from perilune.people import testing

    return testing.cast()
