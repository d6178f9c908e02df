"""kill -9 of a sync at random moments: the next one goes on, and nothing is lost or doubled."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.salesforce import CLIENT, SECRET, Org, Serving, serve
from tests.fakes.salesforce.made import filled, move

pytestmark = pytest.mark.once

CHILD = Path(__file__).with_name("sync_cut_child.py")
KILLS = 5
_PATH = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, sys.path)])


class _Home:
    """A home beside an org that is served by this process."""

    def __init__(self, folder: Path, serving: Serving) -> None:
        self.folder = folder / "home"
        self.folder.mkdir()
        _access, refresh = serving.doors.session()
        keys = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": refresh}
        self._facts = {"address": serving.address, "keys": keys}
        self._told = folder / "told.json"

    def begin(self, what: str, org: Org | None = None) -> subprocess.Popen[str]:
        """Start a process that makes the home, syncs, or tells what stands."""
        rows = org.rows if org is not None else {}
        self._told.write_text(json.dumps({**self._facts, "rows": rows}))
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        return subprocess.Popen(
            [sys.executable, str(CHILD), what, str(self._told)],
            env=environment | {"PERILUNE_HOME": str(self.folder), "PYTHONPATH": _PATH},
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def phase(self) -> str:
        """Return where the sync under way stands, "" for none."""
        file = self.folder / "records.sqlite3"
        with closing(sqlite3.connect(file)) as db:
            row = db.execute("SELECT place FROM hub_syncrun WHERE state = 'running'").fetchone()
        return str(json.loads(row[0]).get("phase", "begin")) if row else ""


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_sync_that_is_killed_again_and_again_ends_with_equal_sides(tmp_path: Path) -> None:
    chance = random.Random(6)
    org = filled(120)
    with serve(org) as serving:
        home = _Home(tmp_path, serving)
        assert home.begin("make").wait() == 0
        cut_in = []
        for _kill in range(KILLS):
            org.pass_time(minutes=9)
            for deal in chance.sample(sorted(org.rows["Opportunity"]), 6):
                move(org, chance, deal, list(org.rows["User"]), 2)
            running = home.begin("sync")
            assert running.stdout is not None
            assert running.stdout.readline() == "begun\n"
            time.sleep(chance.uniform(0.0, 1.2))  # the moment is the test
            running.send_signal(signal.SIGKILL)
            running.wait()
            cut_in.append(home.phase())
        assert any(cut_in), "every sync was over before it was killed"
        for _again in range(2):  # what the cut run began with, then what changed since
            assert home.begin("sync").wait() == 0
        answer, _err = home.begin("tell", org).communicate()
    found = json.loads(answer)
    assert found == {
        "differing": [], "red": [], "is_proved": True, "states": ["done"], "imports": ["done"],
        "unfinished": [],
    }  # fmt: skip
