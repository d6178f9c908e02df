"""How deals do in other hands: wins after a hand-over beside those expected of like deals."""

from __future__ import annotations

import numpy as np

from perilune.insights.contracts import TakenOver
from perilune.insights.engine.design import Season
from perilune.insights.engine.hazard import STEP, Model
from perilune.insights.engine.incidence import chances_of, plain
from perilune.insights.engine.journeys import WON, Journeys

BACK = 364
"""Days back of the hand-overs that are looked at."""
WITHIN = 91
"""Days after a hand-over whose wins are counted."""


def taken_over(model: Model, journeys: Journeys, day: int, season: Season) -> TakenOver:
    """Return what became of the deals that changed hands in the year up to a day, as known then.

    A deal counts from the end of the week in which its holder changed, for thirteen weeks or up to
    the day. What is expected is told by the model of the day with the record of the taker, so that
    what is left is the hand-over itself. A deal that changes hands twice counts twice.
    """
    when, how = journeys.exits(day)
    deals, wins, expected = 0, 0.0, 0.0
    for landmark in range(day - STEP, max(day - BACK, STEP), -STEP):
        deal, spell = journeys.open_at(landmark)
        before = journeys.on(deal, np.full(len(deal), landmark - STEP, dtype=np.int64))
        was, now = journeys.owner[np.maximum(before, 0)], journeys.owner[spell]
        moved = (before >= 0) & (was >= 0) & (now >= 0) & (was != now)
        if not moved.any():
            continue
        deal, spell, ahead = deal[moved], spell[moved], min(WITHIN, day - landmark)
        bounds = np.array([ahead], dtype=np.int64)
        win = chances_of(
            model, journeys, deal, spell, landmark, season, bounds, correction=plain()
        )[1]
        won = (how[deal] == WON) & (when[deal] > landmark) & (when[deal] <= landmark + ahead)
        deals, wins = deals + len(deal), wins + float(won.sum())
        expected += float(win.sum())
    return TakenOver(deals, wins, expected)
