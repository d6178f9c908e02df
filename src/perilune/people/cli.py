"""`perilune user`: add, list, role, password."""

from __future__ import annotations

import secrets
import sys
from typing import Annotated

import typer
from django.utils.translation import gettext, pgettext
from rich.console import Console
from rich.table import Table

from perilune.history.queries import find_by_title
from perilune.kernel.errors import Invalid, NotFound
from perilune.people import service
from perilune.people.contracts import ROLE_LABELS, Role
from perilune.people.queries import home_owner, people

app = typer.Typer(help="Users of this home and their roles.", no_args_is_help=True)

RoleOption = Annotated[Role, typer.Option(help="What the person does.")]
RepOption = Annotated[str, typer.Option(help="Name of the rep that this person is.")]


@app.command("add")
def add(  # noqa: PLR0917  # options of the command line
    username: Annotated[str, typer.Argument(help="The name to sign in with.")],
    role: RoleOption = Role.VIEWER,
    email: Annotated[str, typer.Option(help="Address, also good to sign in.")] = "",
    name: Annotated[str, typer.Option(help="Name as shown.")] = "",
    language: Annotated[str, typer.Option(help="en or fr; empty: the browser's.")] = "",
    rep: RepOption = "",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Add a user; the first one owns the home. Prints a password unless one is handed in.

    Example: perilune user add anne --role ops_director --email anne@example.com
    """
    given = _read(password_stdin)
    password = given or secrets.token_urlsafe(9)
    service.user_add(
        username,
        role,
        password=password,
        email=email,
        name=name,
        language=language,
        rep_id=_rep(rep),
        is_owner=home_owner() is None,
    )
    if given is None:
        sys.stderr.write(gettext("Password of %(name)s:") % {"name": username} + " ")
        sys.stderr.flush()
        typer.echo(password)


@app.command("list")
def list_users() -> None:
    """List users, roles and access.

    Example: perilune user list
    """
    table = Table(box=None, header_style="bold")
    for title in (gettext("User name"), gettext("Role"), gettext("E-mail"), gettext("Access")):
        table.add_column(title)
    for item in people(with_inactive=True):
        state = pgettext("home", "owner") if item.is_owner else pgettext("access", "open")
        table.add_row(
            item.username,
            gettext(ROLE_LABELS[item.role]),
            item.email,
            state if item.is_active else pgettext("access", "closed"),
        )
    Console(highlight=False).print(table)


@app.command("role")
def role(
    username: Annotated[str, typer.Argument(help="Whose role.")],
    role: Annotated[Role, typer.Argument(help="The new role.")],
    rep: RepOption = "",
) -> None:
    """Give a user another role.

    Example: perilune user role bob sales_manager --rep "Bob Martin"
    """
    service.user_change_role(username, role, rep_id=_rep(rep), keep_rep=not rep)


@app.command("password")
def password(
    username: Annotated[str, typer.Argument(help="Whose password.")],
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
) -> None:
    """Set a user's password: from standard input, or a new one that is printed.

    Example: perilune user password anne
    """
    given = _read(password_stdin)
    chosen = given or secrets.token_urlsafe(9)
    service.user_set_password(username, chosen)
    if given is None:
        typer.echo(chosen)


def _read(from_stdin: bool) -> str | None:
    if not from_stdin:
        return None
    text = sys.stdin.readline().rstrip("\r\n")
    if not text:
        raise Invalid("No password came in on standard input.")
    return text


def _rep(name: str) -> int | None:
    if not name:
        return None
    found = find_by_title("rep", [name])
    if not found:
        raise NotFound("There is no rep named %(name)s.", name=name)
    return next(iter(found.values()))
