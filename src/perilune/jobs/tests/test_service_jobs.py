"""Jobs: steps, duplicate deliveries, cancel, failures, schedules."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from perilune.jobs import queries, service
from perilune.jobs.contracts import Cadence, State, When
from perilune.jobs.models import Job, Schedule
from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.wiring import JOB_KINDS, JobKind, StepResult

pytestmark = pytest.mark.django_db(databases=["default", "queue"])

taken: list[int] = []


def _count(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    at = cursor.get("at", 0) + 1
    taken.append(at)
    is_done = at >= params["to"]
    return StepResult({"at": at}, is_done, at, params["to"], result={"counted": at})


def _refuse(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    raise Invalid("%(what)s is not to be had.", what="It")


def _break(params: Mapping[str, Any], cursor: Mapping[str, Any]) -> StepResult:
    raise ZeroDivisionError


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    taken.clear()
    before = list(JOB_KINDS)
    for kind in (
        JobKind("count", "Count", _count, cancelled=lambda params, cursor: taken.append(-1)),
        JobKind("refuse", "Refuse", _refuse),
        JobKind("break", "Break", _break),
    ):
        JOB_KINDS.add(kind.name, kind)
    yield
    JOB_KINDS.clear()
    for kind in before:
        JOB_KINDS.add(kind.name, kind)


def test_a_job_runs_step_by_step_and_tells_how_far_it_is() -> None:
    shares: list[float | None] = []
    job = service.run_here(
        "count", {"to": 3}, on_progress=lambda status: shares.append(status.share)
    )
    assert shares == [1 / 3, 2 / 3, 1.0]
    assert (job.state, job.result) == (State.DONE, {"counted": 3})


def test_a_second_delivery_of_a_step_does_nothing() -> None:
    job_id = service.start("count", {"to": 5})
    service.step(job_id, 0)
    service.step(job_id, 0)
    assert taken == [1]
    service.step(job_id, 1)
    assert taken == [1, 2]


def test_a_step_that_another_worker_holds_is_left_alone_until_its_lease_ends() -> None:
    job_id = service.start("count", {"to": 5})
    Job.objects.filter(id=job_id).update(lease_until=datetime.now(UTC) + timedelta(seconds=30))
    service.step(job_id, 0)
    assert taken == []
    Job.objects.filter(id=job_id).update(lease_until=datetime.now(UTC) - timedelta(seconds=1))
    service.step(job_id, 0)
    assert taken == [1]


def test_a_cancelled_job_cleans_up_and_stops() -> None:
    job_id = service.start("count", {"to": 5})
    service.step(job_id, 0)
    service.cancel(job_id)
    service.step(job_id, 1)
    assert taken == [1, -1]
    assert queries.job(job_id).state is State.CANCELLED


def test_a_refusal_is_told_in_its_own_words_and_a_crash_in_ours() -> None:
    refused = service.run_here("refuse", {})
    assert refused.state is State.FAILED
    assert refused.error % refused.message_params == "It is not to be had."
    broken = service.run_here("break", {})
    assert broken.state is State.FAILED
    assert "the log says more" in broken.error


def test_an_unknown_job_is_refused() -> None:
    with pytest.raises(NotFound):
        service.start("dance", {})
    with pytest.raises(NotFound):
        queries.job(404)


def _schedule() -> Schedule:
    schedule_id = service.schedule_set(
        "counting",
        label="Counting",
        kind="count",
        params={"to": 1},
        when=When(Cadence.HOURLY),
    )
    return Schedule.objects.get(id=schedule_id)


def test_a_schedule_that_is_due_starts_its_job_once() -> None:
    schedule = _schedule()
    Schedule.objects.update(next_run_at=datetime.now(UTC) - timedelta(minutes=1))
    service.tick()
    service.tick()
    assert Job.objects.count() == 1
    schedule.refresh_from_db()
    assert schedule.last_job is not None and schedule.next_run_at is not None
    assert schedule.next_run_at > datetime.now(UTC)


def test_a_schedule_whose_last_job_still_runs_waits_for_its_next_turn() -> None:
    schedule = _schedule()
    first = service.schedule_run(schedule.id)
    assert service.schedule_run(schedule.id) == first


def test_a_late_schedule_says_so_unless_it_is_switched_off() -> None:  # rule 37
    schedule = _schedule()
    Schedule.objects.update(next_run_at=datetime.now(UTC) - timedelta(hours=1))
    assert queries.schedules()[0].is_late
    service.schedule_enable(schedule.id, False)
    assert not queries.schedules()[0].is_late


def test_a_stuck_job_is_handed_out_again() -> None:
    from django_q.models import OrmQ

    job_id = service.start("count", {"to": 2})
    OrmQ.objects.all().delete()
    service.tick()
    assert OrmQ.objects.count() == 0
    Job.objects.filter(id=job_id).update(created_at=datetime.now(UTC) - timedelta(hours=1))
    service.tick()
    assert OrmQ.objects.count() == 1
