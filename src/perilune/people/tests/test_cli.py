"""`perilune user`."""

from __future__ import annotations

import pytest
from django.test import Client
from typer.testing import CliRunner

from perilune.kernel.errors import NotFound
from perilune.people import testing
from perilune.people.cli import app
from perilune.people.contracts import Role
from perilune.people.queries import person_named

pytestmark = pytest.mark.django_db(databases="__all__")


def run(*arguments: str, stdin: str = "") -> str:
    result = CliRunner().invoke(app, list(arguments), input=stdin)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_first_user_owns_the_home_and_gets_a_password_that_works() -> None:
    testing.make_company()
    password = run("add", "anne", "--role", "analyst").strip()
    assert Client().login(username="anne", password=password)
    run("add", "bob", "--password-stdin", stdin="high-orbit-3\n")
    anne, bob = person_named("anne"), person_named("bob")
    assert anne is not None
    assert bob is not None
    assert (anne.is_owner, bob.is_owner, bob.role) == (True, False, Role.VIEWER)


def test_a_role_is_changed_and_linked_to_the_rep_by_name(people_cast: testing.Cast) -> None:
    run("role", "viewer", "sales_manager", "--rep", "sami")
    changed = person_named("viewer")
    assert changed is not None
    assert (changed.role, changed.rep_id) == (Role.SALES_MANAGER, people_cast.organisation.sami)
    with pytest.raises(NotFound):
        run("role", "viewer", "rep", "--rep", "Nobody")


def test_users_are_listed_with_their_roles(people_cast: testing.Cast) -> None:
    listed = run("list")
    assert "director" in listed
    assert "Sales operations analyst" in listed


def test_a_password_is_set_from_standard_input(people_cast: testing.Cast) -> None:
    run("password", "rep", "--password-stdin", stdin="low-orbit-99\n")
    assert Client().login(username="rep", password="low-orbit-99")
