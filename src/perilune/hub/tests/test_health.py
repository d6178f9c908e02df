"""What is wrong with a connection is named: on its page, in the terminal, for what watches it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from perilune.hub import queries
from perilune.hub.cli.sync import hub_app
from perilune.hub.engine.sync.watch import silence
from perilune.hub.models import Connection, SyncRun
from perilune.hub.queries.health import health_of
from perilune.hub.service import sync
from perilune.hub.tests.syncing import connected, synced
from perilune.kernel.errors import Refused
from tests.fakes.salesforce import Serving
from tests.fakes.salesforce.made import filled, move

pytestmark = pytest.mark.django_db(databases=["default", "queue"])


@pytest.fixture
def serving(company: None) -> Iterator[Serving]:
    with connected(filled(8)) as found:
        yield found


def _codes(now: datetime | None = None) -> list[str]:
    found = [one.code for one in health_of("acme", now).troubles]
    return [code for code in found if code != "clock"]  # the fake's stands where a test left it


def test_access_that_was_taken_back_is_urgent_and_a_changed_shape_is_named(
    serving: Serving,
) -> None:
    synced()
    assert _codes() == []
    assert CliRunner().invoke(hub_app, ["health"]).exit_code == 0
    serving.org.field_remove("Account", "Legacy_Id__c")
    serving.org.field_add("Account", "Extra__c")  # may be mapped; nothing is wrong with it
    synced()
    synced()
    assert _codes() == ["drift_removed"]  # also after the run that noticed it
    serving.doors.revoke()
    with pytest.raises(Refused):
        synced()
    assert _codes() == ["access", "drift_removed"]
    told = CliRunner().invoke(hub_app, ["health", "--json"])
    found = json.loads(told.stdout)[0]
    assert (told.exit_code, found["is_connected"], found["seen"]) == (3, False, 0)
    assert [one["code"] for one in found["troubles"]] == ["access", "drift_removed", "clock"]


def test_a_sync_whose_process_ended_is_told_and_may_be_gone_on_with(serving: Serving) -> None:
    run_id = sync.sync_start("acme")
    assert _codes() == []
    SyncRun.objects.filter(id=run_id).update(pid=2**22 + 1)  # beyond any process
    found = health_of("acme")
    assert found.info.running is None
    assert [one.code for one in found.troubles] == ["cut_off"]
    assert sync.sync_start("acme") == run_id


def test_a_source_that_falls_silent_is_told(serving: Serving) -> None:
    org, chance = serving.org, random.Random(2)
    begin = datetime.now(UTC)
    for number in range(6):
        org.pass_time(hours=3)
        move(org, chance, next(iter(org.rows["Opportunity"])), list(org.rows["User"]), 1)
        org.update("Account", next(iter(org.rows["Account"])), Phone=str(number))
        run = synced()
        SyncRun.objects.filter(id=run.id).update(started_at=begin + timedelta(hours=3 * number))
    # many imports of a connection are one line on the Data page
    assert [(one.title, one.syncs) for one in queries.runs_folded()] == [("acme", 6)]
    latest = begin + timedelta(hours=15)
    assert _codes(latest + timedelta(hours=20)) == []
    assert _codes(latest + timedelta(days=2)) == ["silent"]
    Connection.objects.update(health={"used": 99, "allowed": 100})
    assert _codes(latest) == ["limit"]


@given(st.lists(st.floats(0, 1e7), max_size=12), st.floats(0, 1e8))
def test_silence_is_longer_than_any_pause_before_or_not_told(news: list[float], now: float) -> None:
    quiet = silence(news, now)
    if quiet is not None:
        times = sorted(news)
        pauses = [b - a for a, b in pairwise(times)]
        assert quiet > 3 * max(pauses)
        assert quiet > 86_400
        assert quiet == now - times[-1]
