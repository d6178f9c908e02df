"""kill -9 of the server and its worker at random moments, with people at work on the pages."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from django.conf import settings

from tests.forks import Forks
from tests.journeys.outage import Editor, Importer, Person, Power, Web, database_like, numbers_in

HELD = Path(__file__).with_name("held.py")
HEAD = "Id,Name,StageName,Amount,CloseDate,CreatedDate\n"
PASSWORD = "perigee-over-mare-77"
BASE, EACH, KILLS = 60, 1_000, 3
PATIENCE = 120.0  # s until a test gives up: never a measure of speed


def _deals(prefix: str, count: int) -> str:
    """An export of deals, their names and ids told apart by the prefix."""
    rows = (
        f"{prefix}{i},{prefix}{i},{'Won' if i % 3 else 'Open'},{i + 1},2024-03-01,2024-01-01\n"
        for i in range(count)
    )
    return HEAD + "".join(rows)


@pytest.fixture
def power(tmp_path: Path) -> Iterator[Power]:
    with database_like(settings.DATABASE_URL) as database:
        home = Power(tmp_path / "home", database)
        home.run("init", "--currency", "EUR", "--timezone", "UTC", "--name", "Outage")
        words = ("user", "add", "anne", "--role", "ops_director", "--password-stdin")
        home.run(*words, told=PASSWORD + "\n")
        export = tmp_path / "base.csv"
        export.write_text(_deals("B", BASE), "utf-8")
        home.run("import", str(export), "--source", "base")
        yield home
        home.off()


@pytest.fixture
def asked(power: Power) -> Iterator[Forks]:
    with power.asked(HELD) as forks:
        yield forks


def _held(asked: Forks) -> dict:
    return json.loads("".join(asked.do("tell")))


@pytest.mark.slow
@pytest.mark.timeout(600)  # a busy machine needs a minute for each start of the server
def test_a_power_cut_loses_and_doubles_nothing_while_people_read_write_and_import(
    power: Power, asked: Forks
) -> None:
    chance = random.Random(20)
    begun = _held(asked)
    power.on()
    web = Web(power.port)
    web.sign_in("anne", PASSWORD)
    schedules = numbers_in(web.get("/schedules/"), r"/schedules/(\d+)/run/")
    assert len(schedules) >= 3
    importer = Importer([(f"crm-{k}.csv", _deals(f"N{k}-", EACH)) for k in range(40)])
    editor = Editor(sorted(begun["steps"])[:20])
    pages = ["/cockpit/", "/pipeline/?state=all", f"/records/opportunity/{editor.records[0]}/"]

    def read(reader: Web) -> None:
        for page in pages:
            reader.get(page)

    people = [Person(web, importer.turn), Person(web, editor.turn), Person(web, read)]
    for person in people:
        person.start()
    cut_off = []
    for kill in range(KILLS):
        jobs = Web(power.port, dict(web.cookies))
        for schedule in schedules[kill % 2 : 2]:  # the refresh of the store, then its compaction
            jobs.post(f"/schedules/{schedule}/run/", {})
        _until(lambda known=editor.confirmed: editor.confirmed > known, "nobody can write")
        time.sleep(chance.uniform(0.0, 2.0))  # the moment is the test
        cut_off.append(importer.phase)
        power.off()
        power.on()
        assert jobs.faults == []
    done = importer.done
    _settled(power, asked, lambda _found: importer.done > done, people)
    for person in people:
        person.stop()
    found = _settled(power, asked, lambda found: not _waiting(found))

    # what was asked for while the power came and went was answered, never with an error of ours
    assert [person.web.faults for person in people] == [[], [], []]
    assert {"read", "apply"} & set(cut_off), cut_off
    # each row once, of each import all or nothing
    is_last_in = f"N{importer.done}-0" in found["names"]  # applied when the importer went home
    files = importer.done + is_last_in
    whole = [f"N{k}-{i}" for k in range(files) for i in range(EACH)]
    expected = {f"B{i}": 1 for i in range(BASE)} | dict.fromkeys(whole, 1)
    assert importer.done >= 1
    assert {name: n for name, n in found["names"].items() if expected.get(name) != n} == {}
    assert len(found["names"]) == len(expected) == found["records"] == len(found["stored"])
    assert found["keys"] == len(whole)
    assert found["unfinished"] == []
    # an edit that the page confirmed stands, or a later one that was on its way
    assert editor.confirmed >= KILLS
    for record, value in editor.kept.items():
        assert found["steps"][record] in {value} | editor.maybe[record]
    # the store follows the records
    told = {key: step for key, (_name, step) in found["stored"].items()}
    assert told == found["steps"]


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def _settled(
    power: Power, asked: Forks, holds: Callable[[dict], bool], people: Sequence[Person] = ()
) -> dict:
    """Let the worker finish what it was told, also what the cuts took from its hands."""
    deadline = time.monotonic() + PATIENCE
    while not holds(found := _held(asked)):
        for person in people:
            if person.error is not None:
                raise person.error
        if time.monotonic() > deadline:
            log = (power.home / "server.log").read_text()
            raise AssertionError(f"stuck: {found['imports']} {found['jobs']} {log[-2000:]}")
        time.sleep(0.5)
    return found


def _waiting(found: dict) -> list[str]:
    return [name for name in found["jobs"] if name.split()[1] in ("queued", "running")]
