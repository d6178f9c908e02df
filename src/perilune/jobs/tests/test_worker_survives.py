"""The real worker, killed in the middle of a step: the job ends all the same."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

pytestmark = pytest.mark.skipif(
    bool(settings.DATABASE_URL), reason="one database is enough for this; SQLite is the harder one"
)

PROGRAM = """
import sys, time
from pathlib import Path
import django
django.setup()
from perilune.kernel.wiring import JOB_KINDS, JobKind, StepResult

def step(params, cursor):
    at = cursor.get("at", 0) + 1
    with open(params["log"], "a") as log:
        log.write(f"begin {at}\\n")
    time.sleep(0.6)
    with open(params["log"], "a") as log:
        log.write(f"end {at}\\n")
    return StepResult({"at": at}, at >= params["to"], at, params["to"])

JOB_KINDS.add("slow", JobKind("slow", "Slow", step))
from perilune.jobs import service
if sys.argv[1] == "start":
    from perilune.jobs.testing import migrate
    migrate()
    service.start("slow", {"to": 6, "log": sys.argv[2]})
    service.ensure_tick()
else:
    from django_q.cluster import Cluster
    Cluster().start()
    while True:
        time.sleep(1)
"""


def run(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    environment = os.environ | {
        "PERILUNE_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "perilune.site.settings",
        "PERILUNE_STEP_SECONDS": "3",
        "PERILUNE_SECRET": "test",
    }
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        env=environment, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def state(home: Path) -> tuple[str, int]:
    with sqlite3.connect(f"file:{home / 'queue.sqlite3'}?mode=ro", uri=True) as database:
        row: tuple[str, int] = database.execute("SELECT state, done FROM jobs_job").fetchone()
    return row


def until(home: Path, wanted: str, seconds: float) -> Iterator[tuple[str, int]]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        now = state(home)
        yield now
        if now[0] == wanted:
            return
        time.sleep(0.1)


@pytest.mark.slow
def test_a_job_whose_worker_is_killed_goes_on_where_it_was(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert run(tmp_path, "start", str(log)).wait(60) == 0
    worker = run(tmp_path, "work")
    for _state, done in until(tmp_path, "done", 60):
        if done >= 2:
            break
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    assert state(tmp_path)[0] == "running"
    again = run(tmp_path, "work")
    try:
        final = list(until(tmp_path, "done", 60))[-1]
    finally:
        os.killpg(again.pid, signal.SIGKILL)
        again.wait()
    assert final == ("done", 6)
    ends = [line for line in log.read_text().splitlines() if line.startswith("end")]
    assert ends == [f"end {at}" for at in range(1, 7)]
