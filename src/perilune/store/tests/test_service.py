"""Refreshing: an overlay equals a rebuild, readers go on, crashes leave the last good version."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perilune.kernel.errors import Invalid, NotFound, Unavailable
from perilune.kernel.scope import Scope
from perilune.store import queries, refreshing, service, sessions
from perilune.store.contracts import Progress
from perilune.store.layout import Store
from perilune.store.testing import on, registered
from perilune.store.tests.conftest import opened
from perilune.store.tests.worlds import COLUMNS, World, day, touches

EVERYTHING = "SELECT id, valid_from, valid_to, owner_id, amount FROM deal_version"
LATE = on(day(1000).date())


def everything(version: int | None = None) -> list[tuple[Any, ...]]:
    result = queries.run_sql(EVERYTHING, scope=Scope.company(), as_of=LATE, version=version)
    return sorted(result.rows, key=repr)


def total(version: int | None = None) -> int:
    sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS BIGINT) FROM deal"
    value = queries.run_sql(sql, scope=Scope.company(), as_of=LATE, version=version).scalar()
    assert isinstance(value, int)
    return value


def true_rows(world: World) -> list[tuple[Any, ...]]:
    return sorted((row for batch in world.rows(None) for row in batch), key=repr)


STEP = st.one_of(
    st.tuples(st.just("touch"), touches),
    st.tuples(st.just("forget"), st.integers(1, 12)),
    st.tuples(st.sampled_from(["compact", "compact all", "rebuild"]), st.none()),
)


@given(st.lists(STEP, min_size=1, max_size=5))
@settings(max_examples=20, deadline=None)
def test_a_refreshed_store_equals_one_built_anew(steps: list[tuple[str, Any]]) -> None:
    world = World()
    with opened(world):
        for what, content in steps:
            if what == "touch":
                for key, its_versions in content:
                    world.touch(key, its_versions)
            elif what == "forget":
                world.forget(content)
            elif what == "rebuild":
                service.rebuild()
            else:
                service.compact(every=what == "compact all")
            service.refresh()
            assert everything() == true_rows(world)
        service.rebuild()
        assert everything() == true_rows(world)


def test_nothing_touched_is_no_new_version(world: World) -> None:
    world.touch(1, [(day(1), 1, 5)])
    assert service.refresh() == 1
    assert service.refresh() == 1
    world.touch(1, [(day(1), 1, 6)])
    assert service.refresh() == 2


def test_a_touch_is_waiting_until_it_is_refreshed(world: World) -> None:
    world.touch(1, [(day(1), 1, 5)])
    service.refresh()
    assert queries.freshness().behind_seconds == 0.0
    assert queries.freshness().waiting == ()
    world.touch(2, [(day(1), 1, 5)])
    assert queries.freshness().waiting == ("deal_version",)
    assert queries.freshness().behind_seconds > 0.0
    service.refresh()
    assert queries.freshness().waiting == ()


def test_an_overlay_that_has_grown_is_folded_into_the_base(world: World) -> None:
    for key in range(1, 20):
        world.touch(key, [(day(key), 1, key)])
    service.refresh()
    world.touch(1, [(day(1), 1, 100)])
    service.refresh()
    assert [(t.base_rows, t.overlay_rows, t.overlay_keys) for t in queries.status()] == [(19, 1, 1)]
    assert not queries.needs_compaction()
    for key in range(100, 100 + refreshing.SMALL_ROWS // 50):
        world.touch(key, [(day(1), 1, 1)])
    service.refresh()
    assert [t.overlay_rows for t in queries.status()] == [0]
    assert everything() == true_rows(world)


def test_a_changed_shape_builds_the_table_anew(world: World) -> None:
    world.touch(1, [(day(1), 1, 5)])
    service.refresh()
    world.columns = (*COLUMNS, ("x_region", "VARCHAR"))
    plain_rows = world.rows
    world.rows = lambda keys: ([(*row, "north") for row in b] for b in plain_rows(keys))  # type: ignore
    table = world.table()
    with registered([table], {}):
        assert queries.freshness().waiting == ("deal_version",)
        service.refresh()
        sql = "SELECT x_region FROM deal"
        assert queries.run_sql(sql, scope=Scope.company(), as_of=LATE).rows == [("north",)]


def test_progress_counts_rows_and_tables(world: World) -> None:
    for key in range(5):
        world.touch(key, [(day(1), 1, 5)])
    seen: list[Progress] = []
    service.refresh(seen.append)
    assert Progress("deal_version", 5, 0, 1) in seen
    assert seen[-1] == Progress("deal_version", 0, 1, 1)


@pytest.mark.parametrize("column", [("name", "BLOB"), ("Na me", "VARCHAR"), ('a"b', "VARCHAR")])
def test_a_column_that_the_store_cannot_keep_is_refused(
    world: World, column: tuple[str, str]
) -> None:
    world.columns = (*COLUMNS, column)
    with pytest.raises(Invalid):
        service.refresh()


def test_a_value_of_another_type_is_refused_and_the_store_stays(world: World) -> None:
    world.touch(1, [(day(1), 1, 5)])
    service.refresh()
    world.touch(1, [(day(1), 1, "much")])  # type: ignore[list-item]
    with pytest.raises(Invalid, match="amount"):
        service.refresh()
    assert total() == 5


# -- versions that are kept --------------------------------------------------------------------


def test_pruning_keeps_pinned_versions_and_the_one_that_may_still_be_read(world: World) -> None:
    store = service.current()
    for amount in (1, 2, 3, 4):
        world.touch(1, [(day(1), 1, amount)])
        version = service.refresh()
        if amount == 2:
            service.pin(version, "run 7")
            service.pin(version, "run 8")
    later = store.manifest().built_at + store.grace + 1
    assert store.prune(store.manifest().built_at) == 0
    assert [total(version) for version in (1, 2, 3, 4)] == [1, 2, 3, 4]
    store.prune(later)
    assert [total(2), total()] == [2, 4]
    for gone in (1, 3):
        with pytest.raises(NotFound):
            total(gone)
    with pytest.raises(NotFound):
        service.pin(3)
    service.unpin(2, "run 7")
    store.prune(later)
    assert total(2) == 2
    service.unpin(2, "run 8")
    store.prune(later)
    with pytest.raises(NotFound):
        total(2)
    named = store.manifest().files()
    left = {str(path.relative_to(store.path)) for path in store.path.glob("tables/*/*")}
    assert left == named


def test_files_that_a_crash_left_behind_are_pruned(world: World) -> None:
    service.refresh()
    store = service.current()
    orphan = store.table_folder("deal_version") / "base-99.parquet"
    orphan.write_bytes(b"half")
    assert store.prune(store.manifest().built_at) == 1
    assert not orphan.exists()


def test_a_store_made_again_at_the_same_place_is_not_mistaken_for_the_old(world: World) -> None:
    world.touch(1, [(day(1), 1, 5)])
    service.refresh()
    assert total() == 5
    store = service.current()
    for path in sorted(store.path.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    world.touch(1, [(day(1), 1, 6)])
    assert service.refresh() == 1
    assert total() == 6


# -- writers and readers -----------------------------------------------------------------------


def test_a_second_writer_is_told_to_come_back(world: World) -> None:
    store = service.current()
    hasty = replace(store, lock_timeout=0.05)
    with store.writing(), pytest.raises(Unavailable):
        refreshing.refresh(hasty)
    assert refreshing.refresh(hasty) == 1


def test_readers_see_whole_versions_while_the_writer_works(world: World) -> None:
    """Every version holds two records of one amount, so a torn read would be an odd total."""
    world.touch(1, [(day(1), 1, 0)])
    world.touch(2, [(day(1), 1, 0)])
    service.refresh()
    store, stop, seen, failures = service.current(), threading.Event(), set[int](), list[object]()
    hasty = replace(store, grace=0.0)

    def read() -> None:
        while not stop.wait(0.001):  # or the writer waits for the interpreter most of its time
            try:
                seen.add(total())
            except Exception as error:  # whatever a reader meets fails the test
                failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for amount in range(1, 25):
        for key in (1, 2):
            world.touch(key, [(day(1), 1, amount)])
        refreshing.refresh(hasty)
        hasty.prune(store.manifest().built_at + 1)
    stop.set()
    for reader in readers:
        reader.join()
    assert failures == []
    assert all(value % 2 == 0 for value in seen)
    assert total() == 48


CHILD = """
import sys
from pathlib import Path
from perilune.store import refreshing
from perilune.store.layout import Store
from perilune.store.testing import registered
from perilune.store.tests.worlds import World, day

world = World()
world.records = {key: [(day(1), 1, 1)] for key in range(1, 4001)}
store = Store(Path(sys.argv[1]), grace=0.0)
turn = store.manifest().version
with registered([world.table()], {}):
    while True:
        turn += 1
        for key in world.records:
            world.touch(key, [(day(1), 1, turn)])
        print(refreshing.refresh(store, anew=turn % 3 == 0), flush=True)
"""


def test_a_writer_that_is_killed_leaves_the_last_whole_version(world: World) -> None:
    """Each version holds 4,000 records of one amount; the writer is killed at random instants."""
    store, chance = service.current(), random.Random(5)
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(store.path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        last = int(child.stdout.readline())
        # the delay is what the test is about: any instant of a refresh
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(timeout=chance.uniform(0.0, 0.4))
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert store.manifest().version >= last
        sql = "SELECT COUNT(*), COUNT(DISTINCT id), MIN(amount), MAX(amount) FROM deal"
        rows, ids, least, most = queries.run_sql(sql, scope=Scope.company(), as_of=LATE).rows[0]
        assert (rows, ids) == (4000, 4000)
        assert least == most
    world.touch(1, [(day(1), 1, 5)])
    service.rebuild()
    assert total() == 5
    named = store.manifest().files()
    store.prune(store.manifest().built_at + store.grace + 1)
    assert {str(p.relative_to(store.path)) for p in store.path.glob("tables/*/*")} == named


def test_no_store_is_open_until_a_home_is_named(tmp_path: Path) -> None:
    before = list(sessions._current)
    sessions._current.clear()
    try:
        with pytest.raises(Unavailable):
            service.current()
        store = service.configure(tmp_path)
        assert service.current() == store == service.open_store(tmp_path)
        assert isinstance(store, Store)
    finally:
        sessions._current[:] = before


def test_a_table_takes_instants_and_days_in_any_written_form(tmp_path: Path) -> None:
    from datetime import UTC, date, datetime, timedelta, timezone

    from perilune.store.testing import store_of

    paris = timezone(timedelta(hours=2))
    columns = (("id", "BIGINT"), ("at", "TIMESTAMP"), ("on", "DATE"))
    forms: Sequence[Sequence[Any]] = (
        (datetime(2024, 5, 1, 12, tzinfo=paris), date(2024, 5, 1)),
        ("2024-05-01T12:00:00+02:00", "2024-05-01"),
        (int(datetime(2024, 5, 1, 10, tzinfo=UTC).timestamp() * 1e6), date(2024, 5, 1)),
        (datetime(2024, 5, 1, 10), "2024-05-01"),
    )
    for at, on_day in forms:
        rows = {"event": [{"id": 1, "at": at, "on": on_day}, {"id": 2}]}
        with store_of(rows, tables={"event": columns}, plain=["event"], sql={}, declared=False):
            sql = 'SELECT "at", "on" FROM event ORDER BY id'
            found = queries.run_sql(sql, scope=Scope.company(), as_of=LATE).rows
            assert found == [(datetime(2024, 5, 1, 10), date(2024, 5, 1)), (None, None)]
