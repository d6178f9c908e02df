"""kill -9 in the middle of batches of writes: whoever goes on writes nothing twice."""

from __future__ import annotations

import json
import random
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.fakes.pipedrive import serve
from tests.fakes.pipedrive.made import filled
from tests.forks import Forked, Forks

pytestmark = pytest.mark.once

CHILD = Path(__file__).with_name("write_cut_child.py")
DEALS, NEW, KILLS = 12, 4, 3


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_batch_that_is_killed_again_and_again_writes_and_makes_each_once(tmp_path: Path) -> None:
    """Pipedrive, which has neither preconditions nor unique values: the hardest of the three."""
    chance, account = random.Random(9), filled(DEALS, moves=0)
    account.lag = 3_600.0  # its search knows of nothing that was just made
    match = account.field_add("organizations", "Perilune id")
    orgs = len(account.rows["organizations"])
    home, told = tmp_path / "home", tmp_path / "told.json"
    home.mkdir()

    def begin(what: str) -> Forked:
        return forks.begin(f"{what} {told}")

    with serve(account) as serving, Forks(CHILD, home) as forks:
        facts = {"address": serving.address, "token": serving.doors.session()[0]}
        told.write_text(json.dumps(facts | {"match": match, "new": NEW}))
        assert begin("make").wait() == 0
        account.pass_time(hours=1)
        cut_in = 0
        for _kill in range(KILLS):
            running = begin("write")
            if next(running.said(), "") != "begun":
                break
            # killed by the service itself: between a write and its answer, or just before it
            fatal = chance.randrange(2, 5)
            left = [fatal]

            def strike(process: Forked = running, left: list[int] = left) -> None:
                left[0] -= 1
                if left[0] == 0:
                    process.kill()

            late = chance.random() < 0.6
            serving.writes.after, serving.writes.between = (
                (strike, None) if late else (None, strike)
            )
            cut_in += running.wait() == -signal.SIGKILL
            serving.writes.after = serving.writes.between = None
        assert cut_in >= 2, "most runs were over before they were killed"
        assert begin("write").wait() == 0
        (answer,) = begin("tell").said()
    writes = Counter(key for _kind, key, _own in serving.writes.log)
    values = sorted(row["value"] for row in account.rows["deals"].values())
    assert values == [10_000 + at / 100 for at in range(DEALS)]
    assert set(writes.values()) == {1}
    marks = Counter(
        row["custom_fields"].get(match) for row in account.rows["organizations"].values()
    )
    del marks[None]
    assert (len(marks), set(marks.values())) == (NEW, {1})
    found = json.loads(answer)
    assert set(found.pop("states").values()) == {"done"}
    assert set(found["lines"].pop("change")) == set(found["lines"].pop("make")) == {"written"}
    assert found == {"lines": {}, "left": 0, "accounts": orgs + NEW, "is_proved": True}
