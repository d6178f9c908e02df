"""The REST API, `/api/v1/`: each capability brings its router, the site mounts them."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.throttling import AuthRateThrottle

from perilune.forecasting.web.api_meeting import router as forecast
from perilune.hub.web.api import router as duplicates
from perilune.kernel.errors import PeriluneError
from perilune.metrics.web.api import router as metrics
from perilune.people.web.gate import said, status_of
from perilune.people.web.programs import TokenGate
from perilune.territories.web.api import router as territories

PACE = "120/m"
"""Requests that one person's programs may make: a page's worth of figures a second, and more."""

api = NinjaAPI(
    title="Perilune",
    version="1",
    description="The figures of the pages, for programs. Make a token under «My settings» and send"
    " it as `Authorization: Bearer plt_…`; it sees what its user sees. `Accept-Language` chooses"
    " English or French.",
    urls_namespace="api",
    auth=TokenGate(),
    throttle=[AuthRateThrottle(PACE)],
    docs_url=None,
    openapi_url="openapi.json",
    docs_decorator=login_required,
)
api.add_router("/duplicates", duplicates)
api.add_router("/forecast", forecast)
api.add_router("/metrics", metrics)
api.add_router("/territories", territories)


def _answer(
    request: HttpRequest, what: str, status: int, why: tuple[str, ...] = ()
) -> HttpResponse:
    return api.create_response(request, {"error": what, "why": list(why)}, status=status)


@api.exception_handler(PeriluneError)
def _refused(request: HttpRequest, error: PeriluneError) -> HttpResponse:
    return _answer(request, said(error), status_of(error))


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    text = gettext("A token is needed: make one under «My settings» and send it as a bearer.")
    response = _answer(request, text, 401)
    response["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Throttled)
def _too_often(request: HttpRequest, error: Throttled) -> HttpResponse:
    response = _answer(request, gettext("Too many requests. Wait a minute."), 429)
    response["Retry-After"] = str(round(error.wait or 60))
    return response


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    fields = tuple(f"{item['loc'][-1]}: {item['msg']}" for item in error.errors)
    return _answer(request, gettext("The request cannot be read."), 400, fields)


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: HttpError) -> HttpResponse:
    return _answer(request, gettext("The request cannot be read."), error.status_code)
