"""kill -9 of a sync at random moments: the next one goes on, and nothing is lost or doubled."""

from __future__ import annotations

import json
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.salesforce import CLIENT, SECRET, Org, Serving, serve
from tests.fakes.salesforce.made import filled, move
from tests.forks import Forked, Forks

pytestmark = pytest.mark.once

CHILD = Path(__file__).with_name("sync_cut_child.py")
KILLS = 5


class _Home:
    """A home beside an org that is served by this process."""

    def __init__(self, folder: Path, serving: Serving) -> None:
        self.folder = folder / "home"
        self.folder.mkdir()
        _access, refresh = serving.doors.session()
        keys = {"client_id": CLIENT, "client_secret": SECRET, "refresh_token": refresh}
        self._facts = {"address": serving.address, "keys": keys}
        self._told = folder / "told.json"
        self._forks = Forks(CHILD, self.folder)

    def begin(self, what: str, org: Org | None = None) -> Forked:
        """Start a process that makes the home, syncs, or tells what stands."""
        rows = org.rows if org is not None else {}
        self._told.write_text(json.dumps({**self._facts, "rows": rows}))
        return self._forks.begin(f"{what} {self._told}")

    def __enter__(self) -> _Home:
        return self

    def __exit__(self, *error: object) -> None:
        self._forks.__exit__(*error)

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
    with serve(org) as serving, _Home(tmp_path, serving) as home:
        assert home.begin("make").wait() == 0
        cut_in = []
        for _kill in range(KILLS):
            org.pass_time(minutes=9)
            for deal in chance.sample(sorted(org.rows["Opportunity"]), 6):
                move(org, chance, deal, list(org.rows["User"]), 2)
            running = home.begin("sync")
            assert next(running.said()) == "begun"
            time.sleep(chance.uniform(0.0, 1.2))  # the moment is the test
            running.kill()
            running.wait()
            cut_in.append(home.phase())
        assert any(cut_in), "every sync was over before it was killed"
        for _again in range(2):  # what the cut run began with, then what changed since
            assert home.begin("sync").wait() == 0
        (answer,) = home.begin("tell", org).said()
    found = json.loads(answer)
    assert found == {
        "differing": [], "red": [], "is_proved": True, "states": ["done"], "imports": ["done"],
        "unfinished": [],
    }  # fmt: skip
