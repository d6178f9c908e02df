"""Verbs on users: add, change role, link to a rep, set a password, choose a language."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from perilune.kernel.errors import Conflict, Invalid, NotFound, Problem
from perilune.people.contracts import Person, Role
from perilune.people.models import LANGUAGES, AccessToken, Rep, User
from perilune.people.queries import person_named


def user_add(  # noqa: PLR0913  # one keyword for each field of a user
    username: str,
    role: Role | str,
    *,
    password: str | None = None,
    email: str = "",
    name: str = "",
    language: str = "",
    rep_id: int | None = None,
    is_owner: bool = False,
    check_password: bool = True,
) -> Person:
    """Add a user. Without a password nobody can sign in as them until one is set.

    Invalid on an unknown role, rep or weak password; Conflict on a taken name or address.
    check_password=False is for the documented logins of the demo.
    """
    wanted = _role(role)
    if not username or username.strip() != username:
        raise Invalid("A user name is needed, without spaces around it.")
    if User.objects.filter(username__iexact=username).exists():
        raise Conflict("There is a user named %(name)s already.", name=username)
    if email and User.objects.filter(email__iexact=email).exists():
        raise Conflict("The address %(email)s belongs to another user.", email=email)
    _check_rep(rep_id)
    user = User(
        username=username,
        role=wanted.value,
        email=email,
        display_name=name,
        language=_language(language),
        rep_id=rep_id,
        is_owner=is_owner,
    )
    if password is not None and check_password:
        _check_password(password, user)
    user.set_password(password)
    user.save()
    return _person(username)


def user_change_role(
    username: str, role: Role | str, *, rep_id: int | None = None, keep_rep: bool = True
) -> Person:
    """Give a user another role; with keep_rep=False also link to `rep_id` (None: to nobody)."""
    with transaction.atomic():
        user = _user(username)
        user.role = _role(role).value
        if not keep_rep:
            _check_rep(rep_id)
            user.rep_id = rep_id
        user.save(update_fields=["role", "rep_id"])
    return _person(username)


def user_set_password(username: str, password: str) -> None:
    """Set a user's password; Invalid with its weaknesses."""
    user = _user(username)
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])


def user_set_active(username: str, is_active: bool) -> Person:
    """Close or reopen somebody's access; the last owner's cannot be closed."""
    user = _user(username)
    owners = User.objects.filter(is_owner=True, is_active=True)
    if user.is_owner and not is_active and not owners.exclude(pk=user.pk).exists():
        raise Conflict("The last owner of the home keeps their access.")
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    return _person(username)


def user_end(username: str, now: datetime) -> Person:
    """Close somebody's access for good: no sign-in, no session, no token opens anything any more.

    Conflict for the last owner of the home. `user_set_active` opens it again, but for the tokens.
    """
    with transaction.atomic():
        found = user_set_active(username, False)
        tokens = AccessToken.objects.filter(user_id=found.user_id, revoked_at=None)
        tokens.update(revoked_at=now)
    return found


def user_set_data_officer(username: str, is_data_officer: bool) -> Person:
    """Let somebody look after people's data, whatever their role, or no longer."""
    User.objects.filter(pk=_user(username).pk).update(is_data_officer=is_data_officer)
    return _person(username)


def user_erase(username: str, now: datetime) -> str:
    """Take a person out of their user, who can never sign in again; return the name that is left.

    Conflict for the last owner of the home. The row stays: what they decided keeps its number.
    """
    user = _user(username)
    if not username.startswith(ERASED):
        user_end(username, now)
        user.refresh_from_db()
        user.username, user.email, user.display_name = f"{ERASED}{user.pk}", "", ""
        user.first_name = user.last_name = ""
        user.is_data_officer = False
        user.set_unusable_password()
        user.save()
    return user.username


ERASED = "erased-"
"""What user names of erased people begin with; their number follows."""


def user_set_language(user_id: int, language: str) -> None:
    """Remember the language that a user chose."""
    User.objects.filter(pk=user_id).update(language=_language(language))


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise NotFound("There is no user named %(name)s.", name=username)
    return user


def _person(username: str) -> Person:
    found = person_named(username)
    if found is None:
        raise NotFound("There is no user named %(name)s.", name=username)
    return found


def _role(role: Role | str) -> Role:
    try:
        return Role(role)
    except ValueError:
        names = ", ".join(item.value for item in Role)
        raise Invalid(
            "«%(role)s» is not a role; roles are %(names)s.", role=str(role), names=names
        ) from None


def _language(language: str) -> str:
    if language and language not in dict(LANGUAGES):
        raise Invalid("Perilune speaks en and fr, not «%(language)s».", language=language)
    return language


def _check_rep(rep_id: int | None) -> None:
    if rep_id is not None and not Rep.objects.filter(pk=rep_id).exists():
        raise Invalid("There is no rep %(id)s.", id=rep_id)


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid("This password is too weak.", problems=_problems(error.messages)) from None


def _problems(messages: Iterable[str]) -> tuple[Problem, ...]:
    return tuple(Problem(message, {}, field="password") for message in messages)
