"""The gate of pages: who is asking, what they may do, as of when; and the pages that say no."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from perilune.kernel.asof import AsOf
from perilune.kernel.errors import (
    Conflict,
    Invalid,
    NotFound,
    Past,
    PeriluneError,
    Refused,
    Unavailable,
)
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.contracts import RIGHT_LABELS, Company, Right
from perilune.people.models import User
from perilune.people.queries import company, rights_of, scope_for, who_can
from perilune.ui.contracts import Action, ProblemReport, Tone

SESSION_KEY = "as_of"


class PageRequest(HttpRequest):
    """A request that has passed the gate."""

    user: User
    company: Company
    as_of: AsOf
    scope: Scope
    rights: frozenset[Right]
    asked_future: date | None
    """A day after today that was asked for: the page stands at today and says so."""
    actor: str
    """The name under which history records what this person writes."""


View = TypeVar("View", bound=Callable[..., HttpResponseBase])

_STATUS = ((Refused, 403), (NotFound, 404), (Conflict, 409), (Unavailable, 503), (Invalid, 400))


def page(right: Right | None = None) -> Callable[[View], View]:
    """Guard a view: login, then company, as_of, scope and rights on the request, then the right.

    The as-of comes from `?as_of=2026-12-31`, is kept for the session, and goes back to today with
    `?as_of=now` or `?as_of=`. Errors of the kernel's tree become pages: Refused 403 with the reason
    and whom to ask, NotFound 404, Conflict 409, Invalid 400, Unavailable 503.
    """

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            asked = cast(PageRequest, request)
            try:
                admit(asked, right)
                with timezone.override(asked.company.zone):
                    return view(asked, *args, **kwargs)
            except PeriluneError as error:
                return problem_page(asked, error)

        guarded.required_right = right  # type: ignore[attr-defined]  # the house test reads it
        return cast(View, guarded)

    return decorate


def admit(request: PageRequest, right: Right | None = None) -> None:
    """Put company, rights, as-of and scope on a request; Refused without the right."""
    request.company = company()
    request.actor = request.user.username
    request.rights = rights_of(request.user)
    request.asked_future = None
    request.as_of = _as_of(request)
    request.scope = scope_for(request.user, request.as_of)
    if right is not None:
        require(request, right)


def admit_program(request: PageRequest, user: User) -> None:
    """Put the same on a request of a program that reads as somebody: its as-of is in its address.

    Nothing is kept in a session: each request says what it asks, as `?as_of=2026-12-31`.
    """
    request.user = user
    request.company = company()
    request.actor = user.username
    request.rights = rights_of(user)
    request.asked_future = None
    today, text = request.company.today, request.GET.get("as_of", "")
    found = today if text in ("", "now") else AsOf.parse(text, request.company.zone)
    request.as_of = found if found.at < today.at else today
    request.scope = scope_for(user, request.as_of)


def require(request: PageRequest, right: Right) -> None:
    """Refuse, with the reason and whom to ask, unless the person has the right."""
    if right in request.rights:
        return
    raise refusal(right)


def refusal(right: Right) -> Refused:
    """Return the refusal of a right: it says what is not allowed and who can help."""
    names = ", ".join(who_can(right))
    if not names:
        return Refused(_("You may not %(what)s."), what=gettext(RIGHT_LABELS[right]))
    return Refused(
        _("You may not %(what)s. Ask %(names)s."), what=gettext(RIGHT_LABELS[right]), names=names
    )


def said(error: PeriluneError) -> str:
    """Return an error's sentence in the reader's language."""
    return gettext(error.message) % error.params if error.params else gettext(error.message)


def status_of(error: PeriluneError) -> int:
    """Return the status with which an error is answered."""
    return next((code for kind, code in _STATUS if isinstance(error, kind)), 400)


def problem_page(request: HttpRequest, error: PeriluneError) -> HttpResponse:
    """Return the page of an error: what happened, why, and what to do."""
    status = status_of(error)
    titles = {
        403: gettext("This page is not open to you"),
        404: gettext("Nothing here"),
        409: gettext("Somebody else was first"),
        503: gettext("Not now"),
    }
    back = []
    if isinstance(error, Past):
        titles[409] = gettext("Nothing can be changed in the past")
        back.append(Action(gettext("Back to today"), _today_url(request), is_primary=True))
    listed = [_problem_line(problem) for problem in getattr(error, "problems", ())]
    report = ProblemReport(
        what=said(error),
        why=" ".join(listed),
        kept=gettext("Nothing was changed."),
        actions=(*back, Action(gettext("Go to the start page"), "/")),
        tone=Tone.WATCH if status in (403, 404) or isinstance(error, Past) else Tone.ACT,
    )
    facts = {"title": titles.get(status, gettext("This did not work")), "report": report}
    # a part of a page asked for by script gets the report alone
    is_part = request.headers.get("HX-Request") == "true"
    template = "people/problem_part.html" if is_part else "people/problem.html"
    return render(request, template, facts, status=status)


def _today_url(request: HttpRequest) -> str:
    """Return the address of the page that was looked at, as of today."""
    seen = request.headers.get("HX-Current-URL", "")
    if not seen:
        is_read = request.method == "GET"
        seen = request.get_full_path() if is_read else request.headers.get("Referer", "")
    parts = urlsplit(seen)
    query = QueryDict(parts.query, mutable=True)
    query["as_of"] = ""
    # the path alone: a header may name another site
    return f"/{parts.path.lstrip('/')}?{query.urlencode()}"


def _problem_line(problem: Any) -> str:
    text = gettext(problem.message)
    return text % problem.params if problem.params else text


def _as_of(request: PageRequest) -> AsOf:
    today = request.company.today
    asked = request.GET.get("as_of")
    if asked is not None:
        _keep(request, "" if asked in ("", "now") else asked)
    text = request.session.get(SESSION_KEY, "")
    if not text:
        return today
    found = AsOf.parse(text, request.company.zone)
    return found if found.at < today.at else today


def _keep(request: PageRequest, text: str) -> None:
    if not text:
        request.session.pop(SESSION_KEY, None)
        return
    found = AsOf.parse(text, request.company.zone)
    if found.day > request.company.today.day:
        request.asked_future = found.day
    if found.day >= request.company.today.day:
        request.session.pop(SESSION_KEY, None)
    else:
        request.session[SESSION_KEY] = text
