from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def english_again() -> Iterator[None]:
    """A page asked for in French leaves its language to the next test of the process."""
    yield
    translation.deactivate()


@pytest.fixture
def company(db: None) -> None:
    from perilune.hub.testing import a_company

    a_company()
