"""The verb that learns the models behind a forecast now."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from perilune.forecasting.web import preparing
from perilune.insights.service import JOB
from perilune.jobs import service as jobs
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest, page
from perilune.ui.toasts import notify


@require_POST
@page(Right.RUN_FORECAST)
def learn(request: PageRequest) -> HttpResponse:
    """Queue the job that learns from open deals, as of the page's day; one at a time."""
    job = preparing.last_job()
    if job is None or job.state.is_over:
        jobs.start(JOB, {"as_of": request.as_of.day.isoformat()}, actor=request.actor)
        notify(request, gettext("Learning has begun."))
    else:
        notify(request, gettext("Learning is under way already."))
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    return redirect(back if is_ours and back else "forecasting:index")
