"""kill -9 of the worker in the middle of an erasure: the next one ends it, with its proof."""

from __future__ import annotations

import json
import random
import signal
import time
from pathlib import Path

import pytest

from tests.forks import Forks

pytestmark = pytest.mark.once

CHILD = Path(__file__).with_name("erasure_cut_child.py")
PHASES = (2, 3, 5, 6)
"""Phases to be killed in: history, tables, the store, files."""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_erasure_whose_worker_is_killed_goes_on_and_proves_that_nothing_is_left(
    tmp_path: Path,
) -> None:
    chance = random.Random()
    phase = chance.choice(PHASES)
    with Forks(CHILD, tmp_path, PERILUNE_STEP_SECONDS="2") as forks:
        working = forks.begin("make")
        for line in working.said():
            if int(line) >= phase:
                break
        time.sleep(chance.uniform(0.0, 0.05))  # the moment is the test
        working.kill()
        assert working.wait() == -signal.SIGKILL, "the erasure was over before it was killed"
        *steps, told = forks.do("go on")
    assert steps, "nothing was left to do"
    assert json.loads(told) == {
        "state": "done", "remains": [], "left": [], "sealed": "", "unfinished": [],
    }  # fmt: skip
