"""`perilune rep`: departure, long absence, change of team; previewed, planned with --plan."""

from __future__ import annotations

import json
import os
from datetime import date
from typing import Annotated

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.table import Table

from perilune.forecasting import queries, service
from perilune.forecasting.cli.asking import acting_scope
from perilune.forecasting.cli.backtests import learn_first
from perilune.forecasting.contracts.departures import (
    GOING_LABELS,
    STANDING_LABELS,
    Departure,
    Going,
    Rule,
    Standing,
    Taker,
    Terms,
)
from perilune.forecasting.queries.documents import departure_document
from perilune.history.queries import find_by_title
from perilune.kernel.errors import Invalid, NotFound, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import company, home_owner, reps_as_of, rights_of, user_named
from perilune.ui import formats

app = typer.Typer(
    help="Departure, long absence, change of team of a rep: a preview, then --plan. Private until"
    " its day.",
    no_args_is_help=True,
)

Rep = Annotated[str, typer.Argument(help="Name of the rep.")]
By = Annotated[Rule, typer.Option("--by", help="Who takes accounts and deals.")]
To = Annotated[
    list[str] | None,
    typer.Option("--to", help="NAME, or NAME:SEGMENT for a segment; several are tried in order."),
]
Commit = Annotated[
    bool, typer.Option("--commit-moves/--commit-stays", help="Whether deals in commit go along.")
]
Plan = Annotated[bool, typer.Option("--plan", help="Decide: written on its day.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("leave")
def leave(  # noqa: PLR0917  # options of the command line
    rep: Rep,
    last_day: Annotated[str, typer.Option(help="The last day, as 2027-03-15.")],
    by: By = Rule.TEAM,
    to: To = None,
    commit_moves: Commit = True,
    keep_access: Annotated[bool, typer.Option(help="The user account stays open.")] = False,
    plan: Plan = False,
    as_json: Json = False,
) -> None:
    """Show what follows when a rep leaves; with --plan it is written on the day after the last.

    Example: perilune rep leave "Anne Martin" --last-day 2027-03-15 --to "Paul Roux" --plan
    """
    terms = _first(Going.LEAVE, rep).but(last_day=_day(last_day), closes_access=not keep_access)
    _answer(_handed(terms, by, to or (), commit_moves=commit_moves), plan=plan, as_json=as_json)


@app.command("absence")
def absence(  # noqa: PLR0913, PLR0917  # options of the command line
    rep: Rep,
    first_day: Annotated[str, typer.Option(help="The first day away.")],
    last_day: Annotated[str, typer.Option(help="The last day away; empty: not known.")] = "",
    fte: Annotated[float, typer.Option(help="The part that is away; 1 is wholly.")] = 1.0,
    by: By = Rule.TEAM,
    to: To = None,
    commit_moves: Commit = False,
    plan: Plan = False,
    as_json: Json = False,
) -> None:
    """Show what follows from a long absence; what is still held goes back after it.

    Example: perilune rep absence "Anne Martin" --first-day 2027-02-01 --last-day 2027-06-30
    """
    ends = _day(last_day) if last_day else None
    terms = _first(Going.ABSENCE, rep).but(first_day=_day(first_day), last_day=ends, fte=fte)
    _answer(_handed(terms, by, to or (), commit_moves=commit_moves), plan=plan, as_json=as_json)


@app.command("move")
def move(  # noqa: PLR0913, PLR0917  # options of the command line
    rep: Rep,
    first_day: Annotated[str, typer.Option(help="The first day in the new team.")],
    team: Annotated[str, typer.Option(help="Name of the new team.")],
    manager: Annotated[str, typer.Option(help="Name of the new manager.")] = "",
    family: Annotated[
        str | None, typer.Option(help="Product family sold from then on; as before without it.")
    ] = None,
    by: By = Rule.TEAM,
    to: To = None,
    commit_moves: Commit = False,
    plan: Plan = False,
    as_json: Json = False,
) -> None:
    """Show what follows when a rep changes team; the ramp restarts in part.

    Example: perilune rep move "Anne Martin" --first-day 2027-01-01 --team "Ouest"
    """
    terms = _first(Going.MOVE, rep).but(
        first_day=_day(first_day),
        team_id=_named("team", team),
        manager_id=_named("rep", manager) if manager else None,
        product_family=family,
    )
    _answer(_handed(terms, by, to or (), commit_moves=commit_moves), plan=plan, as_json=as_json)


@app.command("planned")
def planned() -> None:
    """List what you have planned, and what was shared with you by name.

    Example: perilune rep planned
    """
    table = Table(box=None, header_style="bold")
    for title in ("#", gettext("Rep"), gettext("What"), gettext("From"), gettext("Status")):
        table.add_column(title)
    for one in queries.departures(_actor()):
        table.add_row(
            str(one.id), one.rep, gettext(GOING_LABELS[one.terms.going]),
            formats.day(one.terms.day) if one.terms.day else "—",
            gettext(STANDING_LABELS[one.standing]),
        )  # fmt: skip
    Console(highlight=False).print(table)


@app.command("take-back")
def take_back(
    number: Annotated[
        int, typer.Argument(metavar="ID", help="As `perilune rep planned` lists it.")
    ],
) -> None:
    """Take a departure back: before its day nothing of it is left, after it what was written is.

    Example: perilune rep take-back 3
    """
    service.departure_take_back(number, actor=_actor())
    typer.echo(gettext("Taken back: everything is as before."))


@app.command("activate")
def activate() -> None:
    """Write what is planned and whose day has come, as the schedule does every night.

    Example: perilune rep activate
    """
    typer.echo(len(service.activate_due(actor=_actor())))


def _answer(terms: Terms, *, plan: bool, as_json: bool) -> None:
    here, actor = company(), _actor()
    scope = acting_scope(here.today)
    found = Departure(0, terms, Standing.DRAFT, actor, (), 0, _name(terms))
    if plan:
        number = service.departure_begin(terms, actor=actor, scope=scope)
        service.departure_change(number, lambda _before: terms, actor=actor)
        found = service.departure_confirm(number, actor=actor)
    learn_first(here.today)
    preview = queries.follows(found, here.today, scope)
    try:
        results = queries.forecasts(found, here.today, scope) if not preview.problems else []
    except Refused:
        results = []
    document = departure_document(preview, results, here.currency)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    for one in preview.problems:
        typer.echo(gettext(one.message) % one.params, err=True)
    console = Console(highlight=False)
    deals = [one for one in preview.deals if one.to]
    facts = (
        (gettext("From"), document["day"] or "—"),
        (gettext("Accounts handed over"), sum(1 for one in preview.accounts if one.to)),
        (gettext("Open deals handed over"), len(deals)),
        (gettext("Value"), formats.money(sum(d.value or 0 for d in deals), here.currency, 0)),
        (gettext("Open tasks handed over"), preview.tasks),
        (gettext("Quota prorated"), len(preview.quotas)),
        (gettext("Access closed"), preview.username or "—"),
    )
    table = Table(title=f"{found.rep} · {gettext(GOING_LABELS[terms.going])}", show_header=False)
    for label, value in facts:
        table.add_row(label, str(value))
    for change in preview.capacity:
        before, after = (formats.number(fte, 2) for fte in (change.before, change.after))
        table.add_row(f"{gettext('FTE')} {change.team} {change.period.name}", f"{before} → {after}")
    for result in results:
        spans = (result.total.base, result.total.scenario)
        told = [
            " / ".join(formats.short_money(x, result.currency) for x in (s.p10, s.p50, s.p90))
            for s in spans
            if s
        ]
        table.add_row(f"p10 / p50 / p90 {result.period.name}", " → ".join(told))
    console.print(table)


def _first(going: Going, rep: str) -> Terms:
    _gate()
    rep_id, today = _named("rep", rep), company().today
    seat = queries.seat_of(rep_id, today.day, today)
    return service.first_terms(going, rep_id, seat.manager_id if seat else None)


def _handed(
    terms: Terms, by: Rule, to: list[str] | tuple[str, ...], *, commit_moves: bool
) -> Terms:
    lines = []
    for text in to:
        name, _colon, segment = text.partition(":")
        lines.append(Taker(_named("rep", name), segment))
    rule = Rule.HAND if lines else by
    return terms.but(rule=rule, takers=tuple(lines), keeps_commit=not commit_moves)


def _gate() -> None:
    name = os.environ.get("PERILUNE_AS", "")
    user = user_named(name) if name else None
    if name and (user is None or Right.MANAGE_PEOPLE not in rights_of(user)):
        raise Refused(_("You may not manage users, reps and teams."))


def _actor() -> str:
    owner = home_owner()
    return os.environ.get("PERILUNE_AS", "") or (owner.username if owner else "")


def _name(terms: Terms) -> str:
    return str(reps_as_of(company().today)[terms.rep_id]["name"] or "")


def _named(kind: str, name: str) -> int:
    found = find_by_title(kind, [name])
    if not found:
        raise NotFound(_("There is no record named %(name)s."), name=name)
    return next(iter(found.values()))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("A day is written 2027-03-15, not «%(text)s»."), text=text) from None
