"""Costs by a matrix: from a file, or from the user's own routing server."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from perilune.kernel.errors import Invalid, NotFound
from perilune.kernel.messages import gettext_noop as _
from perilune.territories.cli.reading import number_of, rows_of
from perilune.territories.contracts import Plan, Units
from perilune.territories.contracts.routing import Server
from perilune.territories.engine import Costs, nearest_candidates
from perilune.territories.engine.checks import named
from perilune.territories.service.routing import travel_times


@dataclass(frozen=True)
class Source:
    """Where a matrix comes from. day: when a server was asked, None for a file."""

    text: str
    day: date | None
    questions: int = 0
    refused: tuple[tuple[str, str], ...] = ()


def matrix_of(path: Path, ids: tuple[str, ...]) -> Costs:
    """Read minutes from candidates to units; an empty cell is no way.

    CSV with one column a candidate (id, A1, A2, …) or one row a pair (id, centre, minutes);
    .npy of every pair, in the order of the units. Raises NotFound, Invalid naming what is missing.
    """
    if not path.is_file():
        raise NotFound(_("There is no file %(path)s."), path=str(path))
    return _array(path, ids) if path.suffix == ".npy" else _rows(path, ids)


def _array(path: Path, ids: tuple[str, ...]) -> Costs:
    try:
        minutes = np.asarray(np.load(path, allow_pickle=False), float)
    except (ValueError, OSError, TypeError):
        raise Invalid(_("%(path)s is no matrix of numbers."), path=str(path)) from None
    n = len(ids)
    if minutes.shape != (n, n):
        raise Invalid(
            _("%(path)s is a matrix of %(shape)s, not of %(n)s by %(n)s."),
            path=str(path), shape=" × ".join(map(str, minutes.shape)), n=n,
        )  # fmt: skip
    return Costs(np.where(np.isfinite(minutes), minutes, np.inf), np.arange(n, dtype=np.int32))


def _rows(path: Path, ids: tuple[str, ...]) -> Costs:
    rows, number = rows_of(path), {one: i for i, one in enumerate(ids)}
    head = list(rows[0])
    is_long = {"centre", "minutes"} <= set(head)
    first = "id" if "id" in head else head[0]
    names = list(dict.fromkeys(row["centre"] for row in rows)) if is_long else [
        one for one in head if one != first
    ]  # fmt: skip
    strange = sorted({*names, *(row[first] for row in rows)} - set(ids))
    if strange:
        raise Invalid(
            _("%(path)s names units that are not there: %(names)s."),
            path=str(path), names=named(strange),
        )  # fmt: skip
    column = {name: at for at, name in enumerate(names)}
    minutes = np.full((len(ids), len(names)), math.nan)
    bad = []
    for row in rows:
        i = number[row[first]]
        cells = [(row["centre"], row["minutes"])] if is_long else [(c, row[c]) for c in names]
        for name, text in cells:
            value = math.inf if not text else number_of(text)
            if math.isnan(value):
                bad.append(f"{row[first]} – {name}")
            minutes[i, column[name]] = value
    if bad:
        raise Invalid(
            _("%(path)s has cells that are no numbers: %(names)s."),
            path=str(path), names=named(bad),
        )  # fmt: skip
    said = {row[first] for row in rows}
    missing = [one for one in ids if one not in said]
    if missing:
        raise Invalid(_("%(path)s lacks rows of: %(names)s."), path=str(path), names=named(missing))
    at = np.array([number[name] for name in names], np.int32)
    return Costs(np.where(np.isnan(minutes), np.inf, minutes), at)


def asked_of_server(  # noqa: PLR0917  # what is asked, of whom, when
    server: Server,
    units: Units,
    where: np.ndarray,
    plan: Plan,
    today: date,
    tell: Callable[[float], None],
) -> tuple[Costs, Source]:
    """Ask a server for the ways from the unit nearest to each centre; where (n, 2) in degrees."""
    at = nearest_candidates(plan.centres, units.points)
    names = [units.ids[i] for i in at]
    told = travel_times(server, where, where[at], units.ids, names, today, tell)
    return Costs(told.minutes, at), Source(told.server, told.day, told.questions, told.refused)


def write_matrix(path: Path, units: Units, costs: Costs) -> None:
    """Write a matrix as `matrix_of` reads it, in minutes; the file is there whole or not at all."""
    scratch = path.with_name(path.name + ".part")
    with scratch.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", *(units.ids[i] for i in costs.at)])
        for one, row in zip(units.ids, costs.minutes, strict=True):
            writer.writerow([one, *(f"{m:.3f}" if math.isfinite(m) else "" for m in row)])
    scratch.replace(path)
