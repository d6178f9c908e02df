"""Users and roles, and everybody's own settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, pgettext

from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.kernel.wiring import PANELS
from perilune.people import service
from perilune.people.contracts import RIGHT_LABELS, ROLE_LABELS, Person, Right
from perilune.people.queries import (
    TokenInfo,
    people,
    person_named,
    rep_choices,
    tokens_of,
)
from perilune.people.web.forms import LanguageForm, PasswordForm, RoleForm, TokenForm, UserForm
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.shell import applied, back, header, show
from perilune.ui import formats
from perilune.ui.contracts import Action, Column, Row, Status, Table, Tone

OWN_PLACE = "people.me"
"""Place of panels on one's own page; no context."""
_LONGEST_ID = 15


@page(Right.MANAGE_PEOPLE)
def users(request: PageRequest) -> HttpResponse:
    reps = rep_choices(Scope.company())
    form = UserForm(request.POST or None, reps=reps)
    if request.method == "POST" and applied(
        request, form, lambda values: service.user_add(**values), gettext("User added.")
    ):
        return back("people:users")
    names = dict(reps)
    table = Table(
        caption=gettext("Users"),
        columns=(
            Column("username", gettext("User name"), is_title=True),
            Column("name", gettext("Name")),
            Column("role", gettext("Role")),
            Column("rep", gettext("Is the rep")),
            Column("email", gettext("E-mail")),
            Column("state", gettext("Access")),
        ),
        rows=[_row(item, names) for item in people(with_inactive=True)],
    )
    facts = {
        "header": header(request, "users"),
        "form": form,
        "verb": gettext("Add user"),
        "form_title": gettext("Add a user"),
        "table": table,
    }
    return show(request, "list_page.html", facts)


def _row(item: Person, reps: dict[int, str]) -> Row:
    state = (
        Status(pgettext("access", "open"), Tone.GOOD)
        if item.is_active
        else Status(pgettext("access", "closed"), Tone.NEUTRAL)
    )
    return Row(
        item.user_id,
        (
            item.username,
            item.name,
            gettext(ROLE_LABELS[item.role]),
            reps.get(item.rep_id or 0, ""),
            item.email,
            state,
        ),
        url=reverse("people:user", args=[item.username]),
    )


@page(Right.MANAGE_PEOPLE)
def user(request: PageRequest, username: str) -> HttpResponse:
    shown = person_named(username)
    if shown is None:
        raise NotFound("There is no user named %(name)s.", name=username)
    verb = request.POST.get("form", "")
    reps = rep_choices(Scope.company())
    role_form = RoleForm(
        request.POST if verb == "role" else None,
        reps=reps,
        initial={"role": shown.role.value, "rep_id": shown.rep_id},
    )
    password_form = PasswordForm(request.POST if verb == "password" else None)
    if _did(request, verb, username, role_form, password_form):
        return back("people:user", username)
    facts = {
        "header": header(request, "users", title=shown.name),
        "person": shown,
        "role_form": role_form,
        "password_form": password_form,
        "officer": Action(
            gettext("Take this role back") if shown.is_data_officer else gettext("Give this role"),
            reverse("people:user", args=[username]),
            method="post",
            values={"form": "officer", "on": "" if shown.is_data_officer else "1"},
        ),
        "access": Action(
            gettext("Close access") if shown.is_active else gettext("Open access"),
            reverse("people:user", args=[username]),
            method="post",
            values={"form": "access", "open": "" if shown.is_active else "1"},
        ),
    }
    return show(request, "user.html", facts)


def _did(
    request: PageRequest, verb: str, username: str, role: RoleForm, password: PasswordForm
) -> bool:
    if verb == "officer":
        service.user_set_data_officer(username, bool(request.POST.get("on")))
        return True
    if verb == "access":
        service.user_set_active(username, bool(request.POST.get("open")))
        return True

    def change(values: dict[str, Any]) -> None:
        service.user_change_role(username, **values, keep_rep=False)

    if verb == "role":
        return applied(request, role, change, gettext("Role changed."))
    if verb == "password":
        return applied(
            request,
            password,
            lambda values: service.user_set_password(username, values["password"]),
            gettext("Password set."),
        )
    return False


@page()
def me(request: PageRequest) -> HttpResponse:
    verb = request.POST.get("form", "")
    form = LanguageForm(
        request.POST if verb == "language" else None, initial={"language": request.user.language}
    )
    token_form = TokenForm(request.POST if verb == "token" else None)
    if form.is_bound and form.is_valid():
        service.user_set_language(request.user.pk, form.cleaned_data["language"])
        if form.cleaned_data["language"]:
            # the notice already speaks the new language
            translation.activate(form.cleaned_data["language"])
        messages.success(request, gettext("Language saved."))
        return back("people:me")
    if verb == "revoke":
        wanted = request.POST.get("token", "")
        number = int(wanted) if wanted.isdecimal() and len(wanted) < _LONGEST_ID else 0
        service.token_revoke(request.user.username, number, timezone.now())
        messages.success(request, gettext("Token revoked."))
        return back("people:me")
    shown = person_named(request.user.username)
    secret = _new_token(request, token_form)
    facts = {
        "header": header(request, "me"),
        "form": form,
        "token_form": TokenForm() if secret else token_form,
        "secret": secret,
        "tokens": _tokens(request),
        "person": shown,
        "role": gettext(ROLE_LABELS[shown.role]) if shown else "",
        "rights": [gettext(RIGHT_LABELS[right]) for right in Right if right in request.rights],
        "panels": [
            mark_safe(panel.render(request, {}))
            for panel in sorted(PANELS, key=lambda panel: panel.order)
            if panel.place == OWN_PLACE
        ],
        "password_url": reverse("account_change_password"),
    }
    response = show(request, "me.html", facts)
    if secret:
        response["Cache-Control"] = "no-store"
    return response


def _new_token(request: PageRequest, form: TokenForm) -> str:
    """Make the token that was asked for; its text stands on this one answer and nowhere else."""
    made: list[str] = []

    def make(values: dict[str, Any]) -> None:
        made.append(service.token_create(request.user.username, values["name"], timezone.now()))

    if form.is_bound:
        applied(request, form, make, gettext("Token made."))
    return made[0] if made else ""


def _tokens(request: PageRequest) -> list[tuple[str, str, Action]]:
    """Return each token's name, when it was made and last used, and the verb that revokes it."""
    return [
        (
            token.name,
            _used(token),
            Action(
                gettext("Revoke"),
                reverse("people:me"),
                method="post",
                consequence=gettext("Programs that use it read nothing any more."),
                values={"form": "revoke", "token": str(token.id)},
            ),
        )
        for token in tokens_of(request.user.username)
    ]


def _used(token: TokenInfo) -> str:
    made = gettext("made on %(day)s") % {"day": formats.day(token.created_at.date())}
    if token.used_on is None:
        return f"{made} · {gettext('not used yet')}"
    return f"{made} · {gettext('last used on %(day)s') % {'day': formats.day(token.used_on)}}"
