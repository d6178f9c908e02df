"""Kept answers: computed once, shared by threads, bounded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from perilune.kernel.keeping import Kept, forget_all


def test_an_answer_is_computed_once_however_many_threads_ask_for_it() -> None:
    kept, begun, go, calls = Kept[int](4), threading.Event(), threading.Event(), []

    def compute() -> int:
        calls.append(threading.get_ident())
        begun.set()
        assert go.wait(20)
        return 7

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(kept.get, "a", compute)
        assert begun.wait(20)
        others = [pool.submit(kept.get, "a", compute) for _ in range(5)]
        assert kept.get("b", lambda: 8) == 8, "another question does not wait"
        go.set()
        assert [one.result(20) for one in (first, *others)] == [7] * 6
    assert len(calls) == 1


def test_a_failure_is_told_to_who_computed_and_one_who_waited_tries_anew() -> None:
    kept, begun, go = Kept[int](4), threading.Event(), threading.Event()

    def fail() -> int:
        begun.set()
        assert go.wait(20)
        raise ZeroDivisionError

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(kept.get, "a", fail)
        assert begun.wait(20)
        second = pool.submit(kept.get, "a", lambda: 9)
        go.set()
        with pytest.raises(ZeroDivisionError):
            first.result(20)
        assert second.result(20) == 9
    assert kept.peek("a") == 9


def test_the_answer_that_was_asked_for_least_lately_goes() -> None:
    kept = Kept[int](2)
    for number, key in enumerate("ab"):
        kept.put(key, number)
    kept.get("a", lambda: -1)
    kept.put("c", 2)
    assert [kept.peek(key) for key in "abc"] == [0, None, 2]


def test_heavy_answers_make_room_but_the_latest_one_stays() -> None:
    kept = Kept[str](9, 10, len)
    for text in ("four", "five5", "six"):
        kept.put(text, text)
    assert [kept.peek(text) for text in ("four", "five5", "six")] == [None, "five5", "six"]
    kept.put("long", "more than all together")
    assert (kept.peek("six"), kept.peek("long")) == (None, "more than all together")


def test_every_memory_of_the_process_is_emptied_at_once() -> None:
    kept, other = Kept[int](2), Kept[int](2)
    kept.put("a", 1)
    other.put("b", 2)
    forget_all()
    assert (kept.peek("a"), other.peek("b")) == (None, None)
