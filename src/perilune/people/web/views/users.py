"""Users and roles, and everybody's own settings."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from perilune.kernel.errors import NotFound
from perilune.kernel.scope import Scope
from perilune.people import service
from perilune.people.contracts import RIGHT_LABELS, ROLE_LABELS, Person, Right
from perilune.people.queries import people, person_named, rep_choices
from perilune.people.web.forms import LanguageForm, PasswordForm, RoleForm, UserForm
from perilune.people.web.gate import PageRequest, page
from perilune.people.web.shell import applied, back, header, show
from perilune.ui.contracts import Action, Column, Row, Status, Table, Tone


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
        Status(gettext("open"), Tone.GOOD)
        if item.is_active
        else Status(gettext("closed"), Tone.NEUTRAL)
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
    form = LanguageForm(request.POST or None, initial={"language": request.user.language})

    if request.method == "POST" and form.is_valid():
        service.user_set_language(request.user.pk, form.cleaned_data["language"])
        if form.cleaned_data["language"]:
            # the notice already speaks the new language
            translation.activate(form.cleaned_data["language"])
        messages.success(request, gettext("Language saved."))
        return back("people:me")
    shown = person_named(request.user.username)
    facts = {
        "header": header(request, "me"),
        "form": form,
        "person": shown,
        "role": gettext(ROLE_LABELS[shown.role]) if shown else "",
        "rights": [gettext(RIGHT_LABELS[right]) for right in Right if right in request.rights],
        "password_url": reverse("account_change_password"),
    }
    return show(request, "me.html", facts)
