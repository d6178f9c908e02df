"""Faults on demand: what goes wrong, on which requests, how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Fault:
    """One thing that goes wrong.

    kind: expired · throttled · limit · unavailable · truncated · short_page · duplicate_page ·
    endless · dropped (the connection: what was asked took place, its answer is lost) ·
    failed (503 though it took place) · call (only `then` is called).
    where: a pattern of verbs and paths (`PATCH /crm/…`); after: so many matching requests pass
    first; times: so often (0: for ever). then: called when it strikes.
    """

    kind: str
    where: str = "/services/data/"
    after: int = 0
    times: int = 1
    then: Callable[[], None] | None = None
    struck: int = field(default=0)


class Faults:
    """The faults of a server, in order; the first that applies strikes."""

    def __init__(self) -> None:
        self.planned: list[Fault] = []
        self._lock = threading.Lock()

    def plan(self, kind: str, **more: object) -> Fault:
        """Plan a fault and return it."""
        fault = Fault(kind, **more)  # type: ignore[arg-type]
        self.planned.append(fault)
        return fault

    def clear(self) -> None:
        """Let everything go right."""
        self.planned = []

    def strike(self, path: str) -> str:
        """Return what goes wrong with a request, "" for nothing."""
        with self._lock:
            for fault in self.planned:
                if not re.search(fault.where, path) or (
                    fault.times and fault.struck >= fault.times
                ):
                    continue
                if fault.after > 0:
                    fault.after -= 1
                    continue
                fault.struck += 1
                if fault.then is not None:
                    fault.then()
                if fault.kind != "call":
                    return fault.kind
        return ""
