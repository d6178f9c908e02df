"""Shelves: numbers come back to the bit, what is cut short is missing, the least asked for goes."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from perilune.store import service
from perilune.store.shelves import Shelf
from perilune.store.tests.worlds import World

KEY = "ab" * 32
NUMBERS = st.sampled_from([np.float64, np.int64, np.int32, np.bool_])


@given(hnp.arrays(NUMBERS, hnp.array_shapes(min_dims=0, min_side=0, max_side=4)))
def test_arrays_come_back_to_the_bit_and_cannot_be_written_to(array: np.ndarray) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), "tried", 1000)
        shelf.put(KEY, {"one": array, "two": np.arange(3)})
        found = shelf.get(KEY)
    assert found is not None
    assert list(found) == ["one", "two"]
    one = found["one"]
    assert (one.dtype, one.shape, one.tobytes()) == (array.dtype, array.shape, array.tobytes())
    assert not one.flags.writeable


@pytest.mark.parametrize("left", [0, 20, -1])
def test_what_is_cut_short_or_altered_counts_as_missing(tmp_path: Path, left: int) -> None:
    shelf = Shelf(tmp_path, "tried", 1000)
    assert shelf.get(KEY) is None
    shelf.put(KEY, {"one": np.arange(5.0)})
    path = tmp_path / "shelves" / "tried" / KEY
    whole = path.read_bytes()
    path.write_bytes(whole[:left] if left >= 0 else whole[:-1] + b"\x07")
    assert shelf.get(KEY) is None
    shelf.put(KEY, {"one": np.arange(5.0)})
    assert shelf.get(KEY) is not None


def test_the_least_asked_for_goes_until_the_bound_is_held(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "tried", 10_000)
    keys = [f"{number:064x}" for number in range(4)]
    for at, key in enumerate(keys):
        shelf.put(key, {"one": np.zeros(400)})
        os.utime(tmp_path / "shelves" / "tried" / key, (at, at))
    assert shelf.get(keys[0]) is not None  # asked for: now it is the latest
    assert shelf.tidy() == 2
    assert [shelf.get(key) is not None for key in keys] == [True, False, False, True]
    assert shelf.tidy() == 0


def test_only_numbers_under_a_plain_key_are_kept(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "tried", 1000)
    with pytest.raises(TypeError):
        shelf.put(KEY, {"one": np.array([object()])})
    with pytest.raises(ValueError, match="escape"):
        shelf.put("../escape", {})


@pytest.mark.django_db
def test_a_rebuild_of_the_store_takes_every_shelf_and_a_refresh_none(world: World) -> None:
    shelf = service.shelf("tried", 1000)
    shelf.put(KEY, {"one": np.zeros(1)})
    service.refresh()
    assert shelf.get(KEY) is not None
    service.rebuild()
    assert shelf.get(KEY) is None
