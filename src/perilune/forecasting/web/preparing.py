"""Models behind a forecast that are still being learnt: progress, and the verb that starts it."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext

from perilune.insights.service import JOB
from perilune.jobs import queries as jobs
from perilune.jobs.contracts import JobStatus, State
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.people.web.progress import steps_of
from perilune.ui.contracts import Action, Empty, Steps


def last_job() -> JobStatus | None:
    """Return the last job that learnt from open deals, None where there never was one."""
    return next(iter(jobs.recent_jobs(1, JOB)), None)


def steps() -> Steps | None:
    """Return the progress of learning; None where nothing is under way and nothing failed."""
    job = last_job()
    if job is None or job.state in (State.DONE, State.CANCELLED):
        return None
    return steps_of(job, gettext("The models that were learnt before stay as they were."))


def learn_action(request: PageRequest) -> Action | None:
    """Return the verb that learns now, for who may; None while it is under way."""
    job = last_job()
    if Right.RUN_FORECAST not in request.rights or (job is not None and not job.state.is_over):
        return None
    return Action(
        gettext("Learn now"),
        reverse("forecasting:learn"),
        method="post",
        icon="play",
        consequence=gettext("It takes some minutes; pages stay open meanwhile."),
        values={"as_of": request.as_of.day.isoformat(), "next": request.get_full_path()},
    )


def nothing_learnt(request: PageRequest) -> Empty:
    """Say that no model speaks of the open deals yet, and what to do."""
    return Empty(
        gettext("No chance is known of these deals yet"),
        gettext(
            "Models are learnt from the deals of the past, every night and after an import. "
            "They need twenty deals won."
        ),
        action=learn_action(request),
        icon="clock",
    )
