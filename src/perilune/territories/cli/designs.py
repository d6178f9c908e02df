"""`perilune territories design`: a plan, and the least upheaval that leads to it."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli import writing
from perilune.territories.cli.asking import Options, levels_of
from perilune.territories.cli.layers import Layer, layers_of
from perilune.territories.cli.reading import Accounts, Balance, accounts_of
from perilune.territories.cli.rules import write_rules
from perilune.territories.cli.solving import Solved, solve
from perilune.territories.cli.telling import tell, tell_needed
from perilune.territories.contracts.routing import Router, Server
from perilune.territories.engine import rules_from_plan

DONE, USAGE, WITHHELD, NOTHING = 0, 2, 3, 4
"""Exit codes as of the other verbs; 3: a plan was made, yet its tolerance is not met."""

_err = Console(stderr=True)


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
    level: Annotated[
        list[str] | None,
        typer.Option(help="From the top: regions:5:3%, then areas:50:1%, each in one above."),
    ] = None,
    even: Annotated[
        bool,
        typer.Option("--even", help="Regions by their number of areas: areas equal everywhere."),
    ] = False,
    layer: Annotated[
        list[str] | None,
        typer.Option(help="An overlay of its own: field:20, specialists:4:product=X|Y. Repeat."),
    ] = None,
    hours: Annotated[
        float, typer.Option(help="Hours of a rep a year for visits and road; finds --k.")
    ] = 0.0,
    visits: Annotated[str, typer.Option(help="Column: visits a year (for --hours).")] = "visits",
    minutes: Annotated[
        str, typer.Option(help="Column: minutes of a visit (for --hours).")
    ] = "minutes",
    container: Annotated[
        str, typer.Option(help="Column: town, postcode or other area that is handed out whole.")
    ] = "",
    areas: Annotated[
        Path | None, typer.Option(help="GeoJSON of polygons that are handed out whole.")
    ] = None,
    area_name: Annotated[str, typer.Option(help="Property that names a polygon.")] = "",
    split_heavy: Annotated[
        bool, typer.Option(help="Take containers apart that weigh more than a territory may.")
    ] = False,
    leave_out: Annotated[
        bool, typer.Option(help="Leave out accounts in no container; else each is a unit.")
    ] = False,
    adjacency: Annotated[
        Path | None, typer.Option(help="CSV of two columns: ids (or containers) side by side.")
    ] = None,
    no_map: Annotated[
        bool, typer.Option("--no-map", help="Share out by balance alone; places are not read.")
    ] = False,
    territories: Annotated[
        Path | None,
        typer.Option(help="CSV: territory, pinned centre, share, and what it may hold by column."),
    ] = None,
    together: Annotated[
        Path | None, typer.Option(help="CSV of two columns: ids that must share a territory.")
    ] = None,
    apart: Annotated[
        Path | None, typer.Option(help="CSV of two columns: ids that may not share one.")
    ] = None,
    current: Annotated[str, typer.Option(help="Column of the present owner: re-balance.")] = "",
    leavers: Annotated[str, typer.Option(help="Owners who leave, separated by commas.")] = "",
    lock: Annotated[str, typer.Option(help="Column: territory that must hold the account.")] = "",
    moving_cost: Annotated[str, typer.Option(help="Column: what moving an account breaks.")] = "",
    give_up: Annotated[
        float, typer.Option(help="Compactness given up to move less; 0.01 is 1 %.")
    ] = 0.01,
    matrix: Annotated[
        Path | None, typer.Option(help="Minutes from centres to units: CSV or .npy.")
    ] = None,
    osrm: Annotated[str, typer.Option(help="Address of your OSRM server: travel times.")] = "",
    valhalla: Annotated[str, typer.Option(help="Address of your Valhalla server.")] = "",
    profile: Annotated[str, typer.Option(help="The server's profile or costing.")] = "",
    reach: Annotated[
        float, typer.Option(help="Km in a straight line beyond which a server is not asked.")
    ] = 0.0,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for an answer.")] = 30.0,
    matrix_out: Annotated[
        Path | None, typer.Option(help="Write the matrix, for --matrix later.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A first look: much quicker, a little less compact.")
    ] = False,
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
    balances = tuple(Balance.parse(text) for text in balance)
    read = accounts_of(accounts, current, lock, no_map)
    for path in (out, rules_out, matrix_out):
        _check_place(path)
    options = Options(
        balances=balances, k=k, hours=hours, visits=visits, minutes=minutes, adjacency=adjacency,
        current=current, leavers=leavers, moving_cost=moving_cost, give_up=give_up, seed=seed,
        quick=quick,
        container=container, areas=areas, area_name=area_name, may_split=split_heavy,
        leave_out=leave_out, levels=levels_of(level or [], balances), even=even,
        territories=territories, together=together, apart=apart, matrix=matrix,
        matrix_out=matrix_out,
        server=_server(osrm, valhalla, profile, reach, timeout),
    )  # fmt: skip
    if layer and rules_out:
        raise Invalid(_("Rules are made of one plan, not of several layers."))
    made = [
        (one, _solved(one, read if one is None else one.of(read), options))
        for one in (layers_of(layer, options) if layer else [None])
    ]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if out is not None:
        features = [f for one, plan in made for f in writing.geojson(plan, one.name if one else "")]
        writing.write(out, writing.collection(features, read.by_degrees))
    if rules_out is not None:
        _write_rules(rules_out, made[0][1], code, within)
    _report(made, memory, hours, as_json)
    if not all(plan.plan.certificate.met for __, plan in made):
        raise typer.Exit(WITHHELD)


def _solved(layer: Layer | None, read: Accounts, options: Options) -> Solved:
    text = gettext("Territories")
    if layer is not None:
        text, options = layer.name, replace(options, k=layer.k)
    try:
        with _progress(text) as said:
            return solve(read, options, said)
    except Invalid as error:
        for problem in error.problems:
            told = writing.translated(problem.message, tuple(problem.params.items()))
            typer.echo(told, err=True)  # not by rich: an id may hold brackets
        raise


def _server(osrm: str, valhalla: str, profile: str, reach: float, timeout: float) -> Server | None:
    if osrm and valhalla:
        raise Invalid(_("Costs come from one server, not from two."))
    if not osrm and not valhalla:
        return None
    kind = Router.OSRM if osrm else Router.VALHALLA
    return Server(kind, osrm or valhalla, profile, timeout=timeout, reach=reach)


def _write_rules(path: Path, made: Solved, code: str, within: str) -> None:
    plan, read = made.plan, made.read
    territory = [plan.names[a] for a in plan.territory]
    columns = {name: [row[name] for row in read.rows] for name in read.rows[0]}
    write_rules(path, rules_from_plan(read.ids, territory, columns, code, within))


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


def _report(
    made: list[tuple[Layer | None, Solved]], memory: float, hours: float, as_json: bool
) -> None:
    if not as_json:
        for one, plan in made:
            if one is not None:
                typer.echo(gettext("Layer “%(name)s”") % {"name": one.name})
            tell(plan, memory, hours)
        return
    told: dict[str, Any] = {"schema": writing.SCHEMA}
    for one, plan in made:
        if plan.needed is not None:
            tell_needed(plan.needed, hours)
        if one is None:
            told |= writing.document(plan, memory)
        else:
            told.setdefault("layers", {})[one.name] = writing.document(plan, memory)
    typer.echo(json.dumps(told, ensure_ascii=False))
