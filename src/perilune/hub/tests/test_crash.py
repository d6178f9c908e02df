"""kill -9 at any moment of an import: the next start completes or undoes it."""

import json
import random
import time
from itertools import islice
from pathlib import Path

import pytest

from perilune.hub.testing import write
from tests.forks import Forks

CHILD = Path(__file__).with_name("crash_child.py")
ROWS = 3_000
STEPS = ROWS // 200
MOMENTS = (("read", STEPS // 2), ("apply", 1), ("apply", STEPS // 2), ("apply", STEPS))
"""While it reads, and at the beginning, in the middle and at the end of what it writes."""


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_killed_import_is_completed_or_undone(tmp_path: Path) -> None:
    chance, home = random.Random(4), tmp_path / "home"
    home.mkdir()
    with Forks(CHILD, home) as forks:
        forks.do("make")
        for number, (doing, step) in enumerate(MOMENTS):
            deals = "".join(
                f"{number}-{i},D{i},{'Won' if i % 3 else 'Open'},{i},2024-03-01,2024-01-01\n"
                for i in range(ROWS)
            )
            head = "Id,Name,StageName,Amount,CloseDate,CreatedDate\n"
            path = write(tmp_path, f"deals{number}.csv", head + deals)
            running = forks.begin(f"import {path}")
            said = (line for line in running.said() if line == doing)
            assert next(islice(said, step - 1, None)) == doing
            time.sleep(chance.uniform(0.0, 0.02))  # the moment is the test
            running.kill()
            running.wait()
            told = [line for line in forks.do(f"again {path}") if line.startswith("{")]
            found, after = map(json.loads, told)
            assert found.pop("unfinished") == after.pop("unfinished") == []
            state, stood = found.pop("state"), number * ROWS
            # ready: killed between reading and applying, where nothing is written yet
            assert state in ("opened", "ready", "done", "cancelled"), (doing, step)
            held = stood + ROWS if state == "done" else stood
            assert found == {"records": held, "deals": held, "keys": held}, (doing, step)
            held = stood + ROWS
            assert after == {
                "state": "done", "records": held, "deals": held, "keys": held,
            }, (doing, step)  # fmt: skip
