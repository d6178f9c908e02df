from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from perilune.crm.testing import Book
    from perilune.people.testing import Cast


@pytest.fixture
def site_cast(db: None) -> Cast:
    from perilune.people import testing

    return testing.cast()


@pytest.fixture
def book(site_cast: Cast) -> Book:
    from perilune.crm import testing

    return testing.make_book(site_cast)


@pytest.fixture
def jobs_wired() -> Iterator[None]:
    from perilune.kernel.wiring import JOB_KINDS
    from perilune.site import alerts, pack_mail

    before = list(JOB_KINDS)
    for kind in (alerts.JOB, pack_mail.JOB):
        JOB_KINDS.add(kind.name, kind)
    yield
    JOB_KINDS.clear()
    for kind in before:
        JOB_KINDS.add(kind.name, kind)


@pytest.fixture
def as_user(site_cast: Cast) -> Callable[[str], Client]:
    from django.test import Client

    def signed_in(name: str) -> Client:
        client = Client()
        client.force_login(
            getattr(site_cast, name), backend="django.contrib.auth.backends.ModelBackend"
        )
        return client

    return signed_in
