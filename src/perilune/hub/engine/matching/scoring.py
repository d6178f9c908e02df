"""The probability that two records are of one thing: without labels, and corrected by them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from perilune.hub.contracts.duplicates import Role
from perilune.hub.engine.matching import comparing, mixture
from perilune.hub.engine.matching.comparing import Compared
from perilune.hub.engine.matching.interning import Column

Floats = NDArray[np.float64]
IntArray = NDArray[np.int64]

RARE_ROLES = frozenset(Role) - {Role.POSTCODE, Role.CITY, Role.COUNTRY}
"""Kinds of column whose equal values say more where the value is rare."""
ANCHORS, ANCHOR_WEIGHT = 2_000, 30.0
"""Unlabelled pairs that hold the corrected model near the first; for how many labels they count."""
STRENGTH = 0.5
"""Inverse strength of the pull of weights to zero (scikit-learn's C)."""


def gains(
    columns: Sequence[Column], model: mixture.Mixture, left: IntArray, right: IntArray,
    levels: NDArray[np.int8],
) -> Floats:  # fmt: skip
    """Return (pairs, 2 fields): what each field's level adds, then its rarity, natural log."""
    found = np.zeros((len(left), 2 * len(columns)))
    for i, (column, weight) in enumerate(zip(columns, model.weights(), strict=True)):
        found[:, i] = np.r_[weight, 0.0][levels[:, i]]
        if column.field.role in RARE_ROLES:
            u = float(model.other[i][-1])
            found[:, len(columns) + i] = mixture.rarity(column, left, right, u)
    return found


def logistic(score: Floats) -> Floats:
    """Return probabilities of log-odds."""
    found: Floats = 1 / (1 + np.exp(-np.clip(score, -40, 40)))
    return found


@dataclass(frozen=True)
class Design:
    """What the corrected model reads of pairs, and which field each column of it belongs to."""

    x: Floats
    owner: NDArray[np.int64]
    blank: Floats
    """The row of a pair of which nothing is known."""


def design(columns: Sequence[Column], compared: Compared, gained: Floats) -> Design:
    """Return measures, levels and gains of pairs side by side, all additive by field."""
    fields = [c.field.column for c in columns]
    missing = np.isnan(compared.measures)
    blocks = [np.where(missing, 0.0, compared.measures)]
    owner = [fields.index(name.rpartition(".")[0]) for name in compared.names]
    blank = [0.0] * len(owner)
    for i, column in enumerate(columns):
        steps = np.arange(-1, comparing.levels_of(column.field.role))
        blocks.append((compared.levels[:, [i]] == steps).astype(np.float64))
        owner += [i] * len(steps)
        blank += [1.0] + [0.0] * (len(steps) - 1)
    blocks.append(gained / 4)
    owner += [*range(len(columns)), *range(len(columns))]
    blank += [0.0] * gained.shape[1]
    return Design(np.concatenate(blocks, axis=1), np.array(owner), np.array(blank))


@dataclass(frozen=True)
class Corrected:
    """A logistic regression on designs."""

    weight: Floats
    base: float

    def score(self, made: Design) -> Floats:
        """Return log-odds."""
        found: Floats = made.x @ self.weight + self.base
        return found

    def parts(self, made: Design, fields: int) -> tuple[Floats, float]:
        """Return (pairs, fields) what each field adds to the log-odds, and the base without any."""
        added = (made.x - made.blank) * self.weight
        found = np.zeros((len(added), fields))
        np.add.at(found.T, made.owner, added.T)
        return found, float(self.base + made.blank @ self.weight)


def corrected(
    labelled: Floats, same: NDArray[np.bool_], anchors: Floats, believed: Floats
) -> Corrected:
    """Fit to labelled pairs, with unlabelled ones at the probabilities of the model without labels.

    The anchors count for `ANCHOR_WEIGHT` labels: few labels bend the first model, many replace it.
    """
    from sklearn.linear_model import LogisticRegression

    if not len(anchors):  # no pair but those that a person named: nothing is believed of them
        anchors, believed = labelled, np.full(len(labelled), 0.5)
    x = np.concatenate([labelled, anchors, anchors])
    y = np.concatenate([same, np.ones(len(anchors)), np.zeros(len(anchors))])
    each = ANCHOR_WEIGHT / max(1, len(anchors))
    weight = np.concatenate([np.ones(len(labelled)), believed * each, (1 - believed) * each])
    fitted = LogisticRegression(C=STRENGTH, max_iter=3_000).fit(x, y, np.maximum(weight, 1e-9))
    return Corrected(fitted.coef_[0].astype(np.float64), float(fitted.intercept_[0]))
