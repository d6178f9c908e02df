"""kill -9 of the worker in the middle of an erasure: the next one ends it, with its proof."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.once

CHILD = Path(__file__).with_name("erasure_cut_child.py")
_PATH = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])
PHASES = (2, 3, 5, 6)
"""Phases to be killed in: history, tables, the store, files."""


def _begin(home: Path, what: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    environment |= {"PERILUNE_HOME": str(home), "PYTHONPATH": _PATH, "PERILUNE_STEP_SECONDS": "2"}
    return subprocess.Popen(
        [sys.executable, str(CHILD), what], env=environment, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_erasure_whose_worker_is_killed_goes_on_and_proves_that_nothing_is_left(
    tmp_path: Path,
) -> None:
    chance = random.Random()
    phase = chance.choice(PHASES)
    working = _begin(tmp_path, "make")
    assert working.stdout is not None
    for line in working.stdout:
        if int(line) >= phase:
            break
    time.sleep(chance.uniform(0.0, 0.05))  # the moment is the test
    working.send_signal(signal.SIGKILL)
    assert working.wait() == -signal.SIGKILL, "the erasure was over before it was killed"
    last = _begin(tmp_path, "go on")
    answer, _error = last.communicate()
    *steps, told = answer.splitlines()
    assert steps, "nothing was left to do"
    assert json.loads(told) == {
        "state": "done", "remains": [], "left": [], "sealed": "", "unfinished": [],
    }  # fmt: skip
