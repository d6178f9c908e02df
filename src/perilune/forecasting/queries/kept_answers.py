"""The forecast that scenarios are held against, kept on a shelf of the store for every process.

The key is a digest of all that the engine is handed: a change that no deal, seat or calendar of the
forecast knows of leaves it where it is, and any other makes another key.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from typing import Any

import numpy as np

from perilune.forecasting.contracts import By
from perilune.forecasting.engine import Answer, forecast
from perilune.forecasting.queries.inputs import Inputs
from perilune.forecasting.queries.packing import packed, unpacked
from perilune.store import service

RECKONING = "answer-1"
"""How an answer is reckoned from its question: to be raised with whatever changes its digits."""
MOST = 2**28
"""Bytes on the shelf. The answer of 120 sellers weighs six megabytes."""


def by_team(inputs: Inputs) -> Answer:
    """Return the forecast of a question by team, with the samples of every seat."""
    shelf, key = service.shelf("forecasts", MOST), key_of(inputs)
    found = shelf.get(key)
    if found is not None:
        return unpacked(found)
    answer = forecast(inputs.question, (By.TEAM,))
    shelf.put(key, packed(answer))
    shelf.tidy()
    return answer


def key_of(inputs: Inputs) -> str:
    """Return the key of an answer: a digest of everything that the engine is handed."""
    asked = inputs.question
    units = [unit for units in asked.units.values() for unit in units]
    plain = (
        RECKONING, inputs.digest(), asked.seed, asked.paths, asked.total, units, asked.groups,
    )  # fmt: skip
    whole = hashlib.sha256(repr(plain).encode())
    # the digest of a run rounds, and knows of new deals no more than their sums
    for part in (asked.seats, asked.simulated, asked.draw):
        for name, value in _columns(part):
            whole.update(name.encode())
            whole.update(np.ascontiguousarray(value).tobytes())
    return whole.hexdigest()


def _columns(part: Any) -> list[tuple[str, Any]]:
    if part is None:
        return [("none", 0)]
    found = [(each.name, getattr(part, each.name)) for each in fields(part)]
    return [(name, value) for name, value in found if value is not None]
