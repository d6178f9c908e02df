"""What one page asks many times is looked up once: a memory that lasts as long as one request.

Or as one refresh of the store. Outside of `remembering()` nothing is kept, so that jobs and tests
always see what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar, cast

T = TypeVar("T")

_kept: ContextVar[dict[Hashable, Any] | None] = ContextVar("kept", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Keep what `remember` computes until the end of the block, or of the one around it."""
    if _kept.get() is not None:
        yield
        return
    token = _kept.set({})
    try:
        yield
    finally:
        _kept.reset(token)


def remember(key: Hashable, compute: Callable[[], T]) -> T:
    """Return what was computed for the key in this block, or compute it."""
    kept = _kept.get()
    if kept is None:
        return compute()
    if key not in kept:
        kept[key] = compute()
    return cast(T, kept[key])


def forget() -> None:
    """Forget everything: something was written."""
    kept = _kept.get()
    if kept is not None:
        kept.clear()
