"""kill -9 at any moment of an import: the next start completes or undoes it."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perilune.hub.testing import write

CHILD = Path(__file__).with_name("crash_child.py")
ROWS = 6_000


def _start(home: Path, what: str, path: Path) -> "subprocess.Popen[str]":
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
        "PERILUNE_HOME": str(home)
    }
    command = [sys.executable, str(CHILD), what, str(path)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    assert _start(home, "make", home).wait() == 0
    return home


@pytest.mark.slow
@pytest.mark.timeout(180)
@pytest.mark.parametrize("seed", range(8))
def test_a_killed_import_is_completed_or_undone(made: Path, tmp_path: Path, seed: int) -> None:
    home = tmp_path / "home"
    shutil.copytree(made, home)
    rows = "".join(
        f"{i},D{i},{'Won' if i % 3 else 'Open'},{i},2024-03-01,2024-01-01\n" for i in range(ROWS)
    )
    path = write(tmp_path, "deals.csv", "Id,Name,StageName,Amount,CloseDate,CreatedDate\n" + rows)
    running = _start(home, "import", path)
    assert running.stdout is not None
    assert running.stdout.readline() == "begun\n"
    time.sleep(random.Random(seed).uniform(0.0, 2.5))  # the moment is the test
    running.send_signal(signal.SIGKILL)
    running.wait()
    answer, _err = _start(home, "again", path).communicate()
    found, after = map(json.loads, answer.splitlines())
    assert found["unfinished"] == []
    # ready: killed between reading and applying, where nothing is written yet
    assert found["states"][0] in ("opened", "ready", "done", "cancelled")
    expected = ROWS if found["states"][0] == "done" else 0
    assert (found["records"], found["deals"], found["keys"]) == (expected, expected, expected)
    assert (after["records"], after["deals"], after["keys"]) == (ROWS, ROWS, ROWS)
