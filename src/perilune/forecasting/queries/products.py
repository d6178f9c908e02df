"""What is sold, for a forecast by product: wins and open deals by product, names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Unit, Wins
from perilune.forecasting.engine.products import Products, learnt_mix
from perilune.forecasting.engine.windows import Ints
from perilune.forecasting.queries.inputs import WHOLE, Inputs, local_days
from perilune.kernel.asof import AsOf
from perilune.kernel.scope import Scope
from perilune.people.contracts import Company
from perilune.store import queries as store

NONE = -1
"""The product of what names none: it never vanishes (rule 21)."""


def with_products(
    inputs: Inputs, as_of: AsOf, scope: Scope, company: Company, version: int
) -> Inputs:
    """Return inputs with what is sold, and how many reps stand behind each product."""
    days = local_days(inputs.first_day, as_of.day, str(company.zone))
    params = {
        "currency": company.currency,
        "first_day": inputs.first_day,
        "low": days.low,
        "high": days.high,
    }
    won = store.arrays(
        "forecasting.products_won", params, scope=scope, as_of=as_of, version=version
    )
    opened = store.arrays("forecasting.products_open", scope=scope, as_of=as_of, version=version)
    named = store.run("forecasting.products", scope=scope, as_of=as_of, version=version).dicts()
    names = {int(row["id"]): str(row["name"] or f"#{row['id']}") for row in named}
    sold, offered = _ints(won, "product_id"), _ints(opened, "product_id")
    ids = sorted(
        {*sold.tolist(), *offered.tolist()},
        key=lambda id_: (id_ == NONE, names.get(id_, f"#{id_}"), id_),
    ) or [NONE]
    number = {id_: at for at, id_ in enumerate(ids)}
    wins = Wins(
        day=_ints(won, "day"),
        amount=won["credit"].astype(float) / WHOLE,
        known_from=days.known(_ints(won, "from_low"), _ints(won, "from_high")),
        known_to=days.known(_ints(won, "to_low"), _ints(won, "to_high")),
        unit=np.array([number[id_] for id_ in sold.tolist()], dtype=np.int64),
        deals=won["shares"].astype(float) / WHOLE,
    )
    question = inputs.question
    reps = _ints(won, "rep_id")
    products = Products(
        tuple(_unit(at, id_, names) for id_, at in number.items()),
        wins,
        learnt_mix(question.seats.rep, wins, reps, question.target.as_of, len(ids)),
        _ints(opened, "deal_id"),
        np.array([number[id_] for id_ in offered.tolist()], dtype=np.int64),
        opened["share"].astype(float),
    )
    behind = {id_: len(set(reps[sold == id_].tolist())) for id_ in ids}
    return replace(
        inputs,
        question=replace(question, products=products),
        people={**inputs.people, By.PRODUCT: behind},
    )


def _unit(at: int, id_: int, names: dict[int, str]) -> Unit:
    if id_ == NONE:
        return Unit("none", "none", By.PRODUCT, None, (at,))
    return Unit(f"product:{id_}", names.get(id_, f"#{id_}"), By.PRODUCT, id_, (at,))


def _ints(columns: dict[str, NDArray[Any]], name: str) -> Ints:
    return columns[name].astype(np.int64)
