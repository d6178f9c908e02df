"""A log of stage events: as-of counts equal a direct computation at any instant."""

import csv
import gzip
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import Any

import pytest
from django.db import connections, transaction

from perilune.history import queries as history
from perilune.history.contracts import to_us
from perilune.hub import queries
from perilune.hub.testing import SHARED, a_company, imported

FILE = SHARED / "stage_history" / "bpic12_events.csv.gz"
pytestmark = [
    pytest.mark.django_db(databases=["default", "queue"]),
    pytest.mark.skipif(not FILE.exists(), reason="the BPI 2012 log is not beside the repository"),
]
ENDS = {"A_ACTIVATED": "won", "A_DECLINED": "lost", "A_CANCELLED": "lost"}


def _log() -> list[tuple[int, str, str]]:
    """Read (microseconds, case, activity) with nothing of ours."""
    with gzip.open(FILE, "rt") as file:
        return [
            (
                to_us(datetime.fromisoformat(r["time:timestamp"])),
                r["case:concept:name"],
                r["concept:name"],
            )
            for r in csv.DictReader(file)
        ]


def _counts_over_time(log: list[tuple[int, str, str]], instants: list[int]) -> list[Counter[str]]:
    """Walk through the log once and count the cases by state at each instant."""
    state: dict[str, str] = {}
    now: Counter[str] = Counter()
    result, position = [], 0
    for at in instants:
        while position < len(log) and log[position][0] <= at:
            _us, case, activity = log[position]
            position += 1
            if activity[0] not in "AO" or (activity not in ENDS and case in state):
                continue
            now[state.get(case, "")] -= 1
            state[case] = ENDS.get(activity, "open")
            now[state[case]] += 1
        result.append(Counter({name: now[name] for name in ("open", "won", "lost")}))
    return result


@pytest.fixture(scope="module")
def first(django_db_setup: None, django_db_blocker: Any) -> Iterator[queries.RunInfo]:
    """The import of the log, once for all tests here: each works in a savepoint on top of it."""
    with django_db_blocker.unblock(), ExitStack() as opened:
        for alias in connections:
            opened.enter_context(transaction.atomic(using=alias))
        a_company()
        yield imported(FILE, source="bpic")
        for alias in connections:
            transaction.set_rollback(True, using=alias)


def test_counts_of_open_won_and_lost_equal_the_log_at_any_instant(first: queries.RunInfo) -> None:
    log = sorted(_log())
    meanings = {i: v["meaning"] for i, v in history.states_as_of("stage", None).items()}
    at_stage = 3 + [item.name for item in history.all_fields("opportunity")].index("stage_id")
    starts, ends = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
    for batch in history.version_batches("opportunity", None):
        for row in batch:
            starts[row[1], meanings[row[at_stage]]] += 1
            ends[row[2], meanings[row[at_stage]]] += 1
    instants = sorted({us + shift for us, _c, _a in log[::97] for shift in (-1, 0)} | {log[-1][0]})
    expected = _counts_over_time(log, instants)
    marks = sorted(
        [(us, m, n) for (us, m), n in starts.items()] + [(us, m, -n) for (us, m), n in ends.items()]
    )
    now, position = Counter[str](), 0
    for at, wanted in zip(instants, expected, strict=True):
        while position < len(marks) and marks[position][0] <= at:
            now[marks[position][1]] += marks[position][2]
            position += 1
        assert all(now[name] == wanted[name] for name in ("open", "won", "lost")), at
    assert len(instants) > 4_000
    assert expected[-1]["won"] == 2246
    assert first.counts["opportunity"]["new"] == 13_087


def test_the_amount_asked_for_and_the_hands_are_known_from_their_events(
    first: queries.RunInfo,
) -> None:
    deals = {v["name"]: v for v in history.states_as_of("opportunity", None).values()}
    assert deals["173688"]["amount"] == 2_000_000
    reps = {i: v["name"] for i, v in history.states_as_of("rep", None).items()}
    events = history.timeline("opportunity", deals["173688"]["id"])
    owners = [reps[e.new] for e in reversed(events) if e.field == "owner_id"]
    assert owners == ["10862", "11049", "10629"]
    assert reps[next(e.new for e in events if e.field == "")["owner_id"]] == "112"


def test_the_log_twice_changes_nothing(first: queries.RunInfo) -> None:
    again = imported(FILE, source="bpic")
    assert again.change_set_id is None
    assert again.counts["opportunity"]["unchanged"] == 13_087
