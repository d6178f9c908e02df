"""What scripted stretches of days share: late writes that come out, a fault every third day."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence

from tests.fakes.common.records import Records
from tests.fakes.common.serving import Fake

STOPS = {4: ("endless", "endless answer"), 10: ("limit", "used-up limit")}
"""What stops a run, by the day: the next run goes on."""


class Days:
    """Days in an account. waiting: what was written late; twice: changed as it is read."""

    def __init__(self, records: Records, serving: Fake) -> None:
        self._records, self.serving = records, serving
        self.chance = random.Random(11)
        self.waiting: list[Callable[[], None]] = []
        self.dead = self.twice = ""

    def commit(self) -> list[str]:
        """Show what was written late; return what happened."""
        told = ["written late"] * len(self.waiting)
        for show in self.waiting:
            show()
        self.waiting = []
        return told

    def cpu(self) -> float:
        """Return the seconds of processor that this process has used."""
        return time.process_time()

    def halt(self, number: int) -> list[str]:
        """Plan what stops the run of a day, if anything does; return what."""
        if number not in STOPS:
            return []
        kind, name = STOPS[number]
        self.mend()
        self.serving.faults.plan(kind, where="deals$", times=0)
        return [name]

    def mend(self) -> None:
        """End what stops a run."""
        self.serving.faults.clear()

    def struck(self, number: int, faults: Sequence[tuple[str, str]]) -> list[str]:
        """Plan the fault of a day, every third one; return what happened."""
        if number % 3 or number // 3 >= len(faults):
            return []
        kind, where = faults[number // 3]
        self.serving.faults.clear()
        self.serving.faults.plan(kind, where=where, after=1, times=1)
        return [kind]

    def settle(self) -> None:
        """Show what is still open; nothing goes wrong any more."""
        self.commit()
        self.serving.faults.clear()
        self._records.pass_time(hours=4)
