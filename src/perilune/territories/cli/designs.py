"""`perilune territories design`: a plan, and the least upheaval that leads to it."""

from __future__ import annotations

import json
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli import writing
from perilune.territories.cli.reading import Accounts, Balance, accounts_of, units_of
from perilune.territories.cli.rules import write_rules
from perilune.territories.contracts import (
    Effort,
    Moved,
    Needed,
    Plan,
    Rebalanced,
    Request,
    Units,
    Working,
)
from perilune.territories.engine import design, fewest, rebalance, rules_from_plan
from perilune.ui import formats

DONE, USAGE, WITHHELD, NOTHING = 0, 2, 3, 4
"""Exit codes as of the other verbs; 3: a plan was made, yet its tolerance is not met."""

_err = Console(stderr=True)

REASONS = {
    Moved.UNHELD: _("nobody holds it"),
    Moved.NEW_TERRITORY: _("goes to a new territory"),
    Moved.TOO_MUCH: _("its holder has too much"),
    Moved.TOO_LITTLE: _("its new holder has too little"),
    Moved.PASSED_ON: _("passed on so that balance is possible"),
    Moved.CLOSER: _("nearer to its new holder"),
    Moved.REQUIRED: _("a lock or a rule says so"),
}


def design_command(  # noqa: PLR0913, PLR0917  # Typer names every option
    accounts: Annotated[
        Path, typer.Argument(help="CSV: id, latitude and longitude (or x, y in km), attributes.")
    ],
    balance: Annotated[
        list[str], typer.Option(help="Attribute and tolerance, potential:1%. Several: repeat.")
    ],
    k: Annotated[
        int, typer.Option("--k", help="Territories; left out: as few as --hours allow.")
    ] = 0,
    hours: Annotated[
        float, typer.Option(help="Hours of a rep a year for visits and road; finds --k.")
    ] = 0.0,
    visits: Annotated[str, typer.Option(help="Column: visits a year (for --hours).")] = "visits",
    minutes: Annotated[
        str, typer.Option(help="Column: minutes of a visit (for --hours).")
    ] = "minutes",
    adjacency: Annotated[
        Path | None, typer.Option(help="CSV of two columns: ids that are neighbours.")
    ] = None,
    current: Annotated[str, typer.Option(help="Column of the present owner: re-balance.")] = "",
    leavers: Annotated[str, typer.Option(help="Owners who leave, separated by commas.")] = "",
    lock: Annotated[str, typer.Option(help="Column: territory that must hold the account.")] = "",
    moving_cost: Annotated[str, typer.Option(help="Column: what moving an account breaks.")] = "",
    give_up: Annotated[
        float, typer.Option(help="Compactness given up to move less; 0.01 is 1 %.")
    ] = 0.01,
    seed: Annotated[int, typer.Option(help="Start of the search; same seed, same plan.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Write the plan as GeoJSON.")] = None,
    rules_out: Annotated[
        Path | None, typer.Option(help="Write assignment rules that give the plan again.")
    ] = None,
    code: Annotated[str, typer.Option(help="Column whose beginnings tell places.")] = "postcode",
    within: Annotated[str, typer.Option(help="Column that codes are compared in, country.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Design balanced, connected, compact territories from a file, and prove how good they are.

    Example: perilune territories design accounts.csv --k 50 --balance potential:1% --out p.geojson
    """
    started = time.perf_counter()
    balances = [Balance.parse(text) for text in balance]
    read = accounts_of(accounts, current, lock)
    units = units_of(read, balances, adjacency)
    _check_place(out)
    _check_place(rules_out)
    rng = np.random.default_rng(seed)
    found: Rebalanced | None = None
    needed = _needed(read, units, balances, (hours, visits, minutes), seed) if not k else None
    k = len(needed.plan.names) if needed else k
    units, request = _asked(read, units, balances, k, leavers, moving_cost)
    try:
        with _progress(gettext("Territories")) as tell:
            if units.owner is None:
                plan = design(units, request, rng, tell)
            else:
                found = rebalance(units, request, rng, tell, give_up)
                plan = found.plan
    except Invalid as error:
        for problem in error.problems:
            text = writing.translated(problem.message, tuple(problem.params.items()))
            typer.echo(text, err=True)  # not by rich: an id may hold brackets
        raise
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if out is not None:
        writing.write(out, writing.geojson(plan, read, units))
    if rules_out is not None:
        territory = [plan.names[a] for a in plan.territory]
        columns = {name: [row[name] for row in read.rows] for name in read.rows[0]}
        write_rules(rules_out, rules_from_plan(read.ids, territory, columns, code, within))
    if needed is not None:
        _tell_needed(needed, hours)
    _report(plan, found, units, time.perf_counter() - started, memory, as_json)
    if not plan.certificate.met:
        raise typer.Exit(WITHHELD)


def _needed(
    read: Accounts, units: Units, balances: list[Balance], effort: tuple[float, str, str], seed: int
) -> Needed:
    """Seek the fewest territories whose hours a rep each can give. Raises Invalid."""
    hours, visits, minutes = effort
    if not hours:
        raise Invalid(_("Say how many territories (--k), or the hours of a rep (--hours)."))
    columns = units_of(read, [Balance(visits, 0.0), Balance(minutes, 0.0)], None).loads
    asked = Effort(np.nan_to_num(columns[:, 0]), np.nan_to_num(columns[:, 1]) / 60)
    widths = tuple(one.tolerance for one in balances)

    def plan_of(k: int) -> Plan:
        return design(units, Request(k, widths), np.random.default_rng(seed))

    return fewest(units, asked, Working(hours), plan_of)


def _tell_needed(needed: Needed, hours: float) -> None:
    text = gettext(
        "%(k)s territories: %(visits)s hours of visits and %(road)s on the road (an estimate on"
        " straight lines), %(have)s hours a rep."
    )
    told = {
        "k": len(needed.plan.names),
        "visits": formats.number(needed.visits, 0),
        "road": formats.number(needed.road, 0),
        "have": formats.number(hours, 0),
    }
    typer.echo(text % told, err=True)


def _asked(  # noqa: PLR0917  # read once, in one place
    read: Accounts, units: Units, balances: list[Balance], k: int, leavers: str, moving: str
) -> tuple[Units, Request]:
    """Number the present owners and locks. Raises Invalid."""
    names: list[str] = []
    if read.owners:
        gone = {one.strip() for one in leavers.split(",") if one.strip()}
        unknown = gone - set(read.owners)
        if unknown:
            raise Invalid(
                _("Nobody holds an account by this name: %(names)s."), names=_listed(unknown)
            )
        names = sorted({one for one in read.owners if one} - gone)
    wanted = sorted({one for one in read.locks if one} - set(names))
    names += wanted
    if len(names) > k:
        raise Invalid(
            _(
                "%(count)s owners stay and there are only %(k)s territories: name who leaves with"
                " --leavers, or ask for more territories."
            ),
            count=len(names),
            k=k,
        )
    taken = set(names)
    fresh = (str(number) for number in range(1, 2 * k + 1) if str(number) not in taken)
    full = tuple(names) + tuple(next(fresh) for __ in range(k - len(names)))
    number = {name: a for a, name in enumerate(names)}
    if read.owners:
        owner = np.array([number.get(one, -1) for one in read.owners], np.int32)
        units = replace(units, owner=owner)
    if moving:
        column = Balance(moving, 0.0)
        cost = units_of(read, [column], None).loads[:, 0]
        units = replace(units, moving_cost=np.nan_to_num(cost))
    locked = np.array([number.get(one, -1) for one in read.locks], np.int32) if read.locks else None
    named = full if read.owners or read.locks else ()
    widths = tuple(one.tolerance for one in balances)
    return units, Request(k, widths, locked=locked, names=named)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)[:5])


def _check_place(out: Path | None) -> None:
    if out is not None and not out.resolve().parent.is_dir():
        raise Invalid(_("There is no folder %(path)s."), path=str(out.resolve().parent))


@contextmanager
def _progress(text: str) -> Iterator[Callable[[float], None]]:
    """Show a bar on the error stream; gives what tells it the share done."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=_err, transient=True) as bar:
        task = bar.add_task(text, total=1.0)
        yield lambda share: bar.update(task, completed=share)


def _report(  # noqa: PLR0917  # as above
    plan: Plan,
    found: Rebalanced | None,
    units: Units,
    seconds: float,
    memory: float,
    as_json: bool,
) -> None:
    figures = writing.summary(plan, units, seconds, memory)
    if as_json:
        document: dict[str, Any] = {
            "schema": writing.SCHEMA,
            "summary": figures,
            "territories": writing.territories(plan, units),
            "plan": {one: plan.names[plan.territory[i]] for i, one in enumerate(units.ids)},
        }
        if found is not None:
            document |= {"moves": writing.moves(found, units), "frontier": writing.frontier(found)}
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    _print_plan(plan, units, figures)
    if found is not None:
        _print_frontier(found)
        _print_moves(found, units)


def _print_plan(plan: Plan, units: Units, figures: dict[str, Any]) -> None:
    console = Console()
    proof, shape = plan.certificate, plan.figures
    table = Table(title=gettext("Plan"), show_header=False)
    table.add_column(gettext("Figure"))
    table.add_column(gettext("Value"), justify="right")
    for name, worst in zip(units.names, shape.deviation, strict=True):
        label = gettext("Largest deviation of “%(name)s”") % {"name": name}
        table.add_row(label, formats.percent(worst, 2))
    table.add_row(
        gettext("Mean squared distance to the centre, km²"), formats.number(shape.inertia, 1)
    )
    table.add_row(gettext("Mean distance to the centre, km"), formats.number(shape.distance, 1))
    table.add_row(gettext("Accounts cut off"), formats.percent(shape.cut_off, 2))
    table.add_row(
        gettext("Above the proved bound for these centres"), formats.percent(proof.gap, 2)
    )
    if units.owner is not None:
        table.add_row(gettext("Workload that changes hands"), formats.percent(shape.moved, 1))
        table.add_row(gettext("Must move whatever the map"), formats.percent(proof.floor, 1))
    table.add_row(gettext("Seconds"), formats.number(figures["seconds"], 1))
    table.add_row(gettext("Peak memory, MB"), formats.number(figures["peak_memory_mb"], 0))
    console.print(table)
    met = gettext("Every territory is within its tolerance.")
    missed = gettext("The tolerance is not met; this is the best plan found.")
    console.print(met if proof.met else missed)
    if proof.blocking:
        console.print(writing.translated(proof.blocking, proof.blocking_params))
    for message, params in plan.notes:
        console.print(writing.translated(message, params))


def _print_frontier(found: Rebalanced) -> None:
    table = Table(title=gettext("Moved against compact against balanced"))
    for head in (
        gettext("Moved"), gettext("Cost of moving"), gettext("km²"), gettext("Deviation"), "",
    ):  # fmt: skip
        table.add_column(head, justify="right", no_wrap=True)
    for at, one in enumerate(found.frontier):
        table.add_row(
            formats.percent(one.moved, 1),
            formats.percent(one.moved_cost, 1),
            formats.number(one.inertia, 1),
            formats.percent(one.deviation, 2),
            gettext("chosen") if at == found.chosen else "",
        )
    Console().print(table)


def _print_moves(found: Rebalanced, units: Units, most: int = 30) -> None:
    names = found.plan.names
    table = Table(title=gettext("Hand-over"))
    for head in ("id", gettext("From territory"), gettext("To territory"), gettext("Reason")):
        table.add_column(head)
    table.add_column(units.names[0], justify="right")
    for hand in found.hands[:most]:
        source = names[hand.source] if hand.source >= 0 else ""
        table.add_row(
            units.ids[hand.unit], source, names[hand.goal], gettext(REASONS[hand.reason]),
            formats.number(hand.load, 2),
        )  # fmt: skip
    Console().print(table)
    if len(found.hands) > most:
        text = gettext("… and %(count)s more; --json lists them all.")
        typer.echo(text % {"count": len(found.hands) - most}, err=True)
