"""`perilune plan hire`: when to hire whom and where, and what it does to the chance."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from perilune.jobs import service as jobs
from perilune.jobs.contracts import JobStatus, State
from perilune.kernel.errors import Invalid, Refused
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.money import Money
from perilune.people.contracts import Right
from perilune.people.queries import acting, company
from perilune.planning import queries, service
from perilune.planning.cli.plans import SCHEMA, AsJson, PlanName, money
from perilune.planning.contracts import Level, PlanView
from perilune.planning.contracts.hiring_advice import Chance, HiringAdviceInfo, HiringAsked
from perilune.planning.queries.capacity_model import basis
from perilune.planning.queries.hiring import advice, advice_on, first_question
from perilune.planning.queries.hiring_words import finding, limits
from perilune.planning.queries.words import unit_label
from perilune.ui import formats

DEFINITION = (
    "The cheapest whole people by month, role and team whose expected bookings close the gap to "
    "the target within the limits (mixed-integer programme); checked by the plan's simulation, and "
    "raised until the wanted share of simulated years reaches the target."
)

Amount = Annotated[float | None, typer.Option(help="In the plan's currency.")]


def hire_command(  # noqa: PLR0913, PLR0917 - one option each
    plan: PlanName = "",
    probability: Annotated[int, typer.Option(help="Wanted chance, 1 to 99 %.")] = 70,
    budget: Annotated[float | None, typer.Option(help="To the end of the year.")] = None,
    lead: Annotated[int | None, typer.Option(help="Months that recruiting takes.")] = None,
    per_month: Annotated[int | None, typer.Option(help="Most sellers who start a month.")] = None,
    most: Annotated[int | None, typer.Option(help="Most new sellers of a team or segment.")] = None,
    segment: Annotated[
        list[str] | None,
        typer.Option(help="A segment that may add sellers, several times; «-» for none."),
    ] = None,
    twice: Annotated[
        float | None, typer.Option(help="What twice the sellers of a segment bring, 100 to 200 %.")
    ] = None,
    span: Annotated[int | None, typer.Option(help="Sellers that a manager may lead.")] = None,
    managers: Annotated[bool, typer.Option("--managers", help="Managers may be hired.")] = False,
    seller_month: Amount = None,
    seller_once: Amount = None,
    level: Annotated[Level, typer.Option(help="Of the company's target.")] = Level.OPERATING,
    take: Annotated[bool, typer.Option("--take", help="Take the hires into the plan.")] = False,
    as_json: AsJson = False,
) -> None:
    """Advise when to hire whom and where to reach a plan with a wanted chance.

    What is not said is that of the last advice on the plan, else our assumption, named as such.
    Example: perilune plan hire --plan "Plan 2027" --probability 70 --budget 900000 --json
    """
    actor, scope = acting(Right.MAKE_PLANS)
    view = queries.plan(queries.plan_named(plan, scope, actor).id, scope, actor)
    if not view.is_whole:
        raise Refused(_("Hiring is of the whole plan: ask sales operations."))
    currency, at = view.head.currency, company().today

    def minor(value: float | None) -> int | None:
        return None if value is None else Money(Decimal(str(value)), currency).minor()

    content = queries.loaded_plan(view.head.id).content
    found = basis(view.head, content, scope, at)
    listed = advice_on(view.head.id) if view.is_circle else []
    first = first_question(found, currency, listed[0].asked if listed else None)
    said: dict[str, Any] = {
        "lead": lead, "per_month": per_month, "most": most, "span": span,
        "seller_month": minor(seller_month), "seller_once": minor(seller_once),
    }  # fmt: skip
    asked = replace(
        first,
        level=level,
        wanted=probability / 100,
        budget=minor(budget),
        segments=first.segments if segment is None else tuple(s for s in segment if s != "-"),
        twice=first.twice if twice is None else twice / 100,
        managers=managers or (first.managers and span is None),
        is_assumed=first.is_assumed and seller_month is None,
        **{name: value for name, value in said.items() if value is not None},
    )
    made = service.ask_hiring(view.head.id, asked, actor=actor, scope=scope, at=at)
    _run(made, actor, quiet=as_json)
    result = advice(made)
    if take and result.answer is not None and result.answer.starts:
        service.take_hiring(made, view.head.edition, actor=actor, scope=scope)
    if as_json:
        typer.echo(json.dumps(as_document(view, result, taken=take), ensure_ascii=False))
    else:
        _print(view, result)


def _run(advice_id: int, actor: str, *, quiet: bool) -> None:
    """Compute here, telling each attempt."""
    with Progress(disable=quiet, transient=True) as bar:
        task = bar.add_task(gettext("Hiring advice"), total=None)

        def tell(job: JobStatus) -> None:
            said = gettext(job.message) % dict(job.message_params) if job.message else ""
            bar.update(task, total=job.total, completed=job.done, description=said)

        job = jobs.run_here(
            service.HIRING_JOB.name, {"advice": advice_id}, actor=actor, on_progress=tell
        )
    if job.state is not State.DONE:
        raise Invalid(job.error or _("The hiring plan was not found in the time given."),
                      **dict(job.message_params))  # fmt: skip


def as_document(view: PlanView, found: HiringAdviceInfo, *, taken: bool) -> dict[str, Any]:
    """Return the answer as JSON: money as strings of the major unit."""
    answer, currency = found.answer, view.head.currency
    assert answer is not None

    def amount(minor: float | None) -> str | None:
        return None if minor is None else money(round(minor), currency)

    def chance(one: Chance) -> dict[str, Any]:
        low, high = one.interval
        return {
            "chance": round(one.chance, 4), "low": round(low, 4), "high": round(high, 4),
            "p10": amount(one.p10), "p50": amount(one.p50), "p90": amount(one.p90),
            "mean": amount(one.mean),
        }  # fmt: skip

    asked = _asked(found.asked, currency)
    return {
        "schema": SCHEMA,
        "definition": DEFINITION,
        "plan": view.head.name,
        "edition": found.edition,
        "currency": currency,
        "as_of": found.as_of.day.isoformat(),
        "asked": asked,
        "target": amount(answer.target),
        "hires": [
            {"starts": one.month.isoformat(), "role": one.role, "team": one.team,
             "name": unit_label(one.team, view.names), "segment": one.segment or None,
             "heads": one.heads}
            for one in answer.starts
        ],
        "segments": [
            {"segment": one.segment, "team": one.team, "per_ramped_fte": amount(one.minor),
             "p10": amount(one.low), "p90": amount(one.high), "reps": one.reps,
             "fte": round(one.fte, 2), "twice_brings": round(one.twice, 4),
             "returns": "set" if one.is_set else "learnt" if one.is_learnt else "none claimed"}
            for one in answer.segments
        ],
        "heads": answer.heads,
        "cost": amount(answer.cost),
        "gap": round(answer.gap, 5),
        "solver_ran_out_of_time": answer.is_late,
        "before": chance(answer.before),
        "after": chance(answer.after),
        "waiting_a_month": {
            "cost": amount(answer.waiting), "missing": amount(answer.waiting_missing),
        },
        "in_reach": answer.after.chance >= found.asked.wanted,
        "missing": amount(answer.missing),
        "without_limit": [
            {"limit": one.limit, "missing": amount(one.missing), "cost": amount(one.cost)}
            for one in answer.limits
        ],
        "said": [finding(view, found), *limits(view, found, answer)],
        "attempts": answer.attempts,
        "seconds": answer.seconds,
        "taken": taken and bool(answer.starts),
    }  # fmt: skip


def _asked(asked: HiringAsked, currency: str) -> dict[str, Any]:
    amounts = ("budget", "seller_month", "seller_once", "manager_month", "manager_once")
    found = asked.as_json()
    for name in amounts:
        found[name] = None if found[name] is None else money(found[name], currency)
    return found


def _print(view: PlanView, found: HiringAdviceInfo) -> None:
    answer = found.answer
    assert answer is not None
    console = Console(highlight=False)
    console.print(finding(view, found))
    table = Table(box=None, header_style="bold")
    for title in (gettext("Starts on"), gettext("Team"), gettext("Selling role")):
        table.add_column(title)
    table.add_column(gettext("People"), justify="right")
    for one in answer.starts:
        where = unit_label(one.team, view.names)
        where = f"{where} · {one.segment}" if one.segment else where
        table.add_row(one.month.isoformat(), where, one.role, str(one.heads))
    if answer.starts:
        console.print(table)
    for line in limits(view, found, answer):
        console.print(line)
    if answer.waiting is not None:
        console.print(
            gettext("Waiting a month costs %(cost)s.")
            % {"cost": formats.money(answer.waiting, view.head.currency, 0)}
        )
    if found.asked.is_assumed:
        console.print(gettext("These costs are assumptions: nobody has said yours."))
