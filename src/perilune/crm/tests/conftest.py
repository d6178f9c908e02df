from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from perilune.crm.testing import Book
    from perilune.people.testing import Cast


@pytest.fixture
def crm_cast(db: None) -> Cast:
    from perilune.people import testing

    return testing.cast()


@pytest.fixture
def book(crm_cast: Cast) -> Book:
    from perilune.crm import testing

    return testing.make_book(crm_cast)


@pytest.fixture
def as_user(crm_cast: Cast) -> Callable[[str], Client]:
    from django.test import Client

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(
            getattr(crm_cast, name), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return signed_in
