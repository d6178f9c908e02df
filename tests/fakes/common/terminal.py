"""A fake served from a terminal until Ctrl-C, to try without an account."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import TypeVar

from tests.fakes.common.doors import CLIENT, SECRET
from tests.fakes.common.serving import Fake

F = TypeVar("F", bound=Fake)


def until_stopped(
    served: Callable[[int, int], AbstractContextManager[F]], port: int, *, has_token: bool = True
) -> None:
    """Serve what `served` makes of (deals, port), and say where and how to be let in."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=port)
    options.add_argument("--deals", type=int, default=200)
    given = options.parse_args()
    with served(given.deals, given.port) as serving:
        told = f"client {CLIENT} secret {SECRET}"
        if has_token:
            told = f"token {serving.doors.session()[0]} (OAuth: {told})"
        sys.stdout.write(f"{serving.address} {told}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
