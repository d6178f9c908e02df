"""Registries that are filled when somebody first asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from perilune.kernel.errors import NotFound
from perilune.kernel.wiring import Registry


def test_what_comes_later_is_registered_once_when_it_is_first_asked_for() -> None:
    registry: Registry[int] = Registry("number")
    calls = list[int]()

    def fill() -> None:
        calls.append(1)
        registry.add("two", 2)
        assert "one" in registry  # whoever fills may ask

    registry.add("one", 1)
    registry.later(fill)
    registry.later(fill)
    assert not calls
    assert registry.names() == ["one", "two"] and list(registry) == [1, 2]
    assert registry.get("two") == 2 and calls == [1]


def test_whoever_asks_while_it_is_filled_waits_for_the_whole() -> None:
    registry: Registry[int] = Registry("number")
    began = Event()

    def fill() -> None:
        registry.add("one", 1)
        began.set()
        Event().wait(0.05)
        registry.add("two", 2)

    registry.later(fill)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(registry.names)
        assert began.wait(5)
        assert threads.submit(registry.names).result() == first.result() == ["one", "two"]


def test_a_cleared_registry_is_not_filled_any_more() -> None:
    registry: Registry[int] = Registry("number")

    def fill() -> None:
        registry.add("one", 1)

    registry.later(fill)
    registry.clear()
    with pytest.raises(NotFound):
        registry.get("one")
