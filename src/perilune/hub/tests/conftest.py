import pytest


@pytest.fixture
def company(db: None) -> None:
    from perilune.hub.testing import a_company

    a_company()
