from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest


@pytest.fixture(scope="module")
def maven(django_db_setup, django_db_blocker):
    """The Maven company in records and store, for the tests of a module; ids by kind and name."""
    from django.db import connections, transaction

    from perilune.metrics import testing
    from perilune.people import service as people

    if not testing.MAVEN.is_dir():
        pytest.skip(f"the Maven data set is not at {testing.MAVEN}")
    with django_db_blocker.unblock():
        opened = [transaction.atomic(using=alias) for alias in connections]
        for block in opened:
            block.__enter__()
        testing.company_of_maven()
        people.user_add("owner", "ops_director", is_owner=True)
        people.user_add("vera", "viewer")
        ids = testing.load_maven()
        people.user_add("anna", "rep", rep_id=ids["rep"]["Anna Snelling"])
        with testing.store_of_records():
            yield ids
        for alias, block in zip(connections, opened, strict=True):
            transaction.set_rollback(True, using=alias)
            block.__exit__(None, None, None)


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The small demo company, once for all questions here."""
    from django.db import connections, transaction

    from perilune.metrics.testing import store_of_records

    with django_db_blocker.unblock():
        opened = [transaction.atomic(using=alias) for alias in connections]
        for block in opened:
            block.__enter__()
        try:
            # the demo stands above all capabilities: its maker is asked for by name
            import_module("perilune.demo.testing").build_small(recorded_weeks=0)
            with store_of_records("EUR"):
                yield
        finally:
            for alias, block in zip(connections, opened, strict=True):
                transaction.set_rollback(True, using=alias)
                block.__exit__(None, None, None)
