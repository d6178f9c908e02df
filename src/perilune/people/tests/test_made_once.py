"""What is put back is what was made, by this process or by another, and numbers go on after it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from perilune.history import testing
from perilune.people.testing import make_company, make_organisation, make_rep, make_user
from perilune.store import service as store

pytestmark = pytest.mark.django_db


def company(name: str) -> list[int]:
    CALLS.append(name)
    make_company(name=name)
    who = make_organisation()
    make_user("analyst")
    store.refresh()
    return [who.rita, who.sara]


CALLS: list[str] = []


def made_and_rolled_back(make: Callable[[str], list[int]], name: str) -> tuple[Any, list[int]]:
    """Return the rows that a maker leaves, in no order, and its result; nothing of it stays."""
    point = transaction.savepoint()
    result = make(name)
    rows = {
        table: sorted(held.splitlines()) if isinstance(held, bytes) else held
        for table, held in testing._contents().items()
    }
    transaction.savepoint_rollback(point)
    return rows, result


@pytest.mark.parametrize("by_another", [False, True], ids=["this process", "another"])
def test_the_second_time_the_same_rows_and_store_stand_there_without_the_work(
    by_another: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(testing, "_KEPT", {})
    monkeypatch.setattr(testing, "_COMMON", [])
    CALLS.clear()
    if by_another:
        testing.share_in(tmp_path / "shared")
    make = (testing.made_once_a_run if by_another else testing.made_once)(company)
    home = tmp_path / "home"
    monkeypatch.setattr(testing, "_shelf", lambda: tmp_path / "shelf")
    store.configure(home / "first")
    rows, ids = made_and_rolled_back(make, "Orbit")
    version = store.current().manifest()
    if by_another:
        testing._KEPT.clear()
    store.configure(home / "second")
    again, same = made_and_rolled_back(make, "Orbit")
    assert CALLS == ["Orbit"]
    assert (again, same) == (rows, ids)
    assert store.current().manifest() == version
    assert {path for path in version.files() if not (store.current().path / path).exists()} == set()
    # something else is not taken for it, nor is a state that differs
    store.configure(home / "third")
    make_rep("Already here")
    make("Orbit")
    assert CALLS == ["Orbit", "Orbit"]
    make_rep("One more")
    make_user("viewer")
