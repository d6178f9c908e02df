"""A plan in words and tables on the terminal."""

from __future__ import annotations

import typer
from django.utils.translation import gettext, ngettext
from rich.console import Console
from rich.table import Table

from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli import writing
from perilune.territories.cli.solving import Solved
from perilune.territories.contracts import Moved, Needed, Rebalanced, Units
from perilune.territories.engine.checks import named
from perilune.ui import formats

REASONS = {
    Moved.UNHELD: _("nobody holds it"),
    Moved.NEW_TERRITORY: _("goes to a new territory"),
    Moved.TOO_MUCH: _("its holder has too much"),
    Moved.TOO_LITTLE: _("its new holder has too little"),
    Moved.PASSED_ON: _("passed on so that balance is possible"),
    Moved.CLOSER: _("nearer to its new holder"),
    Moved.REQUIRED: _("a lock or a rule says so"),
}


def tell(made: Solved, memory: float, hours: float) -> None:
    """Print a plan, its levels, the frontier and what changes hands."""
    if made.needed is not None:
        tell_needed(made.needed, hours)
    _print_plan(made, memory)
    if made.levels:
        _print_levels(made)
    if made.travelled is not None:
        _print_travel(made)
    if made.found is not None:
        if len(made.found.frontier) > 1:
            _print_frontier(made.found)
        _print_moves(made.found, made.units)


def tell_needed(needed: Needed, hours: float) -> None:
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


def _print_plan(made: Solved, memory: float) -> None:
    console, plan, units = Console(highlight=False), made.plan, made.units
    proof, shape = plan.certificate, plan.figures
    table = Table(title=gettext("Plan"), show_header=False)
    table.add_column(gettext("Figure"))
    table.add_column(gettext("Value"), justify="right")
    for name, worst in zip(units.names, shape.deviation, strict=True):
        label = gettext("Largest deviation of “%(name)s”") % {"name": name}
        table.add_row(label, formats.percent(worst, 2))
    if made.read.is_placed:
        _add_shape(table, made)
    if units.owner is not None:
        table.add_row(gettext("Workload that changes hands"), formats.percent(shape.moved, 1))
        table.add_row(gettext("Must move whatever the map"), formats.percent(proof.floor, 1))
    table.add_row(gettext("Seconds"), formats.number(made.seconds, 1))
    table.add_row(gettext("Peak memory, MB"), formats.number(memory, 0))
    console.print(table)
    console.print(_measured(made), soft_wrap=True)
    met = gettext("Every territory is within its tolerance.")
    missed = gettext("The tolerance is not met; this is the best plan found.")
    console.print(met if proof.met else missed)
    if proof.blocking:
        console.print(writing.translated(proof.blocking, proof.blocking_params))
    for message, params in plan.notes:
        console.print(writing.translated(message, params), markup=False, soft_wrap=True)


def _add_shape(table: Table, made: Solved) -> None:
    shape = made.plan.figures
    table.add_row(
        gettext("Mean squared distance to the centre, km²"), formats.number(shape.inertia, 1)
    )
    table.add_row(gettext("Mean distance to the centre, km"), formats.number(shape.distance, 1))
    if made.travelled is not None:
        table.add_row(
            gettext("Mean travel time to the centre, minutes"),
            formats.number(made.travelled.mean, 1),
        )
    table.add_row(gettext("Accounts cut off"), formats.percent(shape.cut_off, 2))
    gap = _gap(made.plan.certificate.gap)
    table.add_row(gettext("Above the proved bound for these centres"), gap)


def _measured(made: Solved) -> str:
    """Say what the way was measured by, so that nobody takes one for the other."""
    if not made.read.is_placed:
        return gettext("Shared out by balance alone: no places were read.")
    if made.travelled is None or made.source is None:
        return gettext("The way is measured in a straight line.")
    told = {"source": made.source.text, "day": ""}
    if made.source.day is None:
        return gettext("The way is travel time from %(source)s.") % told
    told["day"] = formats.day(made.source.day)
    return gettext("The way is travel time by %(source)s, asked on %(day)s.") % told


def _gap(gap: float) -> str:
    return formats.percent(gap, 2) if gap > -writing.ROUNDING else "—"


def _print_levels(made: Solved) -> None:
    table = Table(title=gettext("Levels"))
    heads = (
        gettext("Level"), gettext("Territories"), gettext("Deviation in the parent"),
        gettext("Deviation over the level"), gettext("Above the bound"), gettext("Tolerance"),
    )  # fmt: skip
    for at, head in enumerate(heads):
        table.add_column(head, justify="left" if at == 0 else "right")
    for level in made.levels:
        table.add_row(
            level.name, str(len(level.names)), formats.percent(max(level.within), 2),
            formats.percent(max(level.over), 2), _gap(level.gap),
            gettext("met") if level.is_met else gettext("not met"),
        )  # fmt: skip
    Console(highlight=False).print(table)


def _print_travel(made: Solved) -> None:
    way = made.travelled
    assert way is not None
    ids = made.gathered.units.ids if made.gathered else made.units.ids
    table = Table(title=gettext("Travel"))
    table.add_column(gettext("Territory"))
    table.add_column(gettext("Centre"))
    table.add_column(gettext("Hours on the road a year"), justify="right")
    for a, name in enumerate(made.plan.names):
        table.add_row(name, ids[int(way.at[a])], formats.number(made.hours[a], 1))
    Console(highlight=False).print(table)
    lost = [ids[i] for i in way.cut]
    if lost:
        text = ngettext(
            "%(count)s unit has no way from its centre: %(names)s.",
            "%(count)s units have no way from their centre: %(names)s.",
            len(lost),
        )
        typer.echo(text % {"count": len(lost), "names": named(lost)}, err=True)
    for one, words in made.source.refused if made.source else ():
        typer.echo(f"{one}: {words}", err=True)


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
