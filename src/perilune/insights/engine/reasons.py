"""Why a deal's chance is what it is: what each feature does to its hazard of being won."""

from __future__ import annotations

import numpy as np

from perilune.insights.contracts import Reason
from perilune.insights.engine.design import AGE_EDGES, AGE_LABEL, levels_at
from perilune.insights.engine.hazard import Model
from perilune.insights.engine.incidence import Open, owner_factors
from perilune.insights.engine.journeys import Floats, Ints, Journeys
from perilune.kernel.messages import gettext_noop as _

SHOWN = 4
LEAST = 0.1
"""A reason that moves the hazard by less than a tenth is none."""
OWNER = _("The owner's record")


def reasons_of(
    model: Model, journeys: Journeys, found: Open, day: int, rows: Ints
) -> list[tuple[Reason, ...]]:
    """Return the strongest reasons of open deals, each against the mean of all open deals.

    A feature's effect is the sum of its columns at the nearest distance; that of the age is the
    base's. Effects are log hazard ratios, so they add up.
    """
    deal, spell = found.deal, found.spell
    if not len(deal):
        return []
    days = np.full(len(deal), day, dtype=np.int64)
    levels = levels_at(journeys, model.columns.features, deal, spell, days, yard=model.yard)
    effects, words = _effects(model, journeys, deal, spell, levels, day=day)
    effects -= effects.mean(axis=1, keepdims=True)
    strongest = np.argsort(-np.abs(effects), axis=0, kind="stable")[:SHOWN]
    labels = [AGE_LABEL, OWNER, *(item.label for item in model.columns.features)]
    return [
        tuple(
            Reason(labels[at], words[at][row], float(effects[at, row]))
            for at in strongest[:, row]
            if abs(effects[at, row]) >= LEAST
        )
        for row in rows
    ]


def _effects(
    model: Model, journeys: Journeys, deal: Ints, spell: Ints, levels: Ints, *, day: int
) -> tuple[Floats, list[list[str]]]:
    columns, coef = model.columns, model.coef[0]
    starts = columns.starts()
    age = day - journeys.created[deal]
    bins = np.searchsorted(AGE_EDGES, np.maximum(age, 0), side="right") - 1
    found = [coef[starts[1] + bins], np.log(owner_factors(model, journeys.owner[spell])[0])]
    words = [[f"{value}" for value in age], ["" for __ in deal]]
    base = len(columns.base_sizes)
    after = base + len(columns.features) + (1 if columns.pair else 0)
    for row, feature in enumerate(columns.features):
        effect = coef[starts[base + row] + levels[row]]
        if columns.pair and row == columns.pair[1]:
            width = len(feature.levels)
            effect = (
                effect
                + coef[
                    starts[base + len(columns.features)]
                    + levels[columns.pair[0]] * width
                    + levels[row]
                ]
            )
        if row in columns.by_lead:
            at = after + columns.by_lead.index(row) * columns.leads
            effect = effect + coef[starts[at] + levels[row]]
        found.append(effect)
        words.append(_words(journeys, feature.name, feature.levels, spell, levels[row]))
    return np.stack(found), words


def _words(
    journeys: Journeys, name: str, words: tuple[str, ...], spell: Ints, levels: Ints
) -> list[str]:
    ids = journeys.ids.get(name)
    if ids is not None:
        return [f"{name}:{key}" for key in ids[spell]]
    return [words[level] for level in levels]
