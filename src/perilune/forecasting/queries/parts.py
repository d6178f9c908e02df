"""What is sold, and to whom: wins and open deals by product, or by segment of customers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Unit, Wins
from perilune.forecasting.engine.parts import Parts, learnt_mix
from perilune.forecasting.engine.windows import Ints
from perilune.forecasting.queries.inputs import WHOLE, Inputs, local_days
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import queries as store

NONE = ""
"""The part of what names none: it never vanishes (rule 21)."""


def with_parts(inputs: Inputs, by: By, as_of: AsOf, scope: Scope, company: Company) -> Inputs:
    """Return inputs with what is sold or to whom, and how many reps stand behind each part.

    by: one of the cuts across sellers.
    """
    days = local_days(inputs.first_day, as_of.day, str(company.zone))
    params = {
        "currency": company.currency,
        "first_day": inputs.first_day,
        "low": days.low,
        "high": days.high,
        "cut": by.value,
    }
    version = inputs.store_version
    won = store.arrays("forecasting.parts_won", params, scope=scope, as_of=as_of, version=version)
    cut = {"cut": by.value}
    opened = store.arrays("forecasting.parts_open", cut, scope=scope, as_of=as_of, version=version)
    # of the company, whoever asks: a segment is no secret, and a deal seen may be of a customer not
    named = store.run(
        "forecasting.part_names", cut, scope=Scope.company(), as_of=as_of, version=version
    ).dicts()
    names = {int(row["id"]): (str(row["part"]), str(row["label"])) for row in named}
    sold_id, open_id = _ints(won, "part_id"), _ints(opened, "part_id")
    known = {id_: _part(by, id_, names) for id_ in {*sold_id.tolist(), *open_id.tolist()}}
    labels = dict(known.values())
    parts = sorted(labels, key=lambda part: (part == NONE, labels[part], part)) or [NONE]
    number = {id_: parts.index(part) for id_, (part, _label) in known.items()}
    sold = np.array([number[id_] for id_ in sold_id.tolist()], dtype=np.int64)
    wins = Wins(
        day=_ints(won, "day"),
        amount=won["credit"].astype(float) / WHOLE,
        known_from=days.known(_ints(won, "from_low"), _ints(won, "from_high")),
        known_to=days.known(_ints(won, "to_low"), _ints(won, "to_high")),
        unit=sold,
        deals=won["shares"].astype(float) / WHOLE,
    )
    question, reps = inputs.question, _ints(won, "rep_id")
    found = Parts(
        tuple(_unit(by, at, part, labels.get(part, "")) for at, part in enumerate(parts)),
        wins,
        learnt_mix(question.seats.rep, wins, reps, question.target.as_of, len(parts)),
        _ints(opened, "deal_id"),
        np.array([number[id_] for id_ in open_id.tolist()], dtype=np.int64),
        opened["share"].astype(float),
    )
    behind = {unit.name: len(set(reps[sold == at].tolist())) for at, unit in enumerate(found.units)}
    return replace(
        inputs,
        question=replace(question, parts={**question.parts, by: found}),
        people={**inputs.people, by: behind},
    )


def _part(by: By, id_: int, names: dict[int, tuple[str, str]]) -> tuple[str, str]:
    """Return what a product or customer falls to, and what that is called."""
    if id_ in names:
        return names[id_]
    return (NONE, "") if id_ < 0 or by is By.SEGMENT else (str(id_), "")


def _unit(by: By, at: int, part: str, label: str) -> Unit:
    if part == NONE:
        name = f"no-{by.value}"
        return Unit(name, name, by, None, (at,))
    id_ = int(part) if by is By.PRODUCT else None
    return Unit(f"{by.value}:{part}", label or f"#{part}", by, id_, (at,))


def _ints(columns: dict[str, NDArray[Any]], name: str) -> Ints:
    return columns[name].astype(np.int64)
