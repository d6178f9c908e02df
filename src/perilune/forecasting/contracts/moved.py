"""Why the range of a period moved between two days: causes that sum to the move."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from perilune.kernel.asof import AsOf
from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _


class Cause(StrEnum):
    """What moves a range; in the order in which a move is told."""

    RECORD = "record"
    PASSED = "passed"
    WON = "won"
    RESTATED = "restated"
    NEW = "new"
    REOPENED = "reopened"
    OWNER_IN = "owner_in"
    PULLED_IN = "pulled_in"
    PUSHED = "pushed"
    RESCHEDULED = "rescheduled"
    INCREASED = "increased"
    DECREASED = "decreased"
    STAGE = "stage"
    CATEGORY = "category"
    LOST = "lost"
    OWNER_OUT = "owner_out"
    DELETED = "deleted"
    AGED = "aged"
    ARRIVALS = "arrivals"
    PRESENCE = "presence"
    RULES = "rules"
    WEIGHTS = "weights"
    ADJUSTED = "adjusted"
    WIDTH = "width"


CAUSE_LABELS: dict[Cause, str] = {
    Cause.RECORD: _("Recorded, now computed otherwise"),
    Cause.PASSED: _("Days gone by"),
    Cause.WON: _("Won"),
    Cause.RESTATED: _("Won earlier, known later"),
    Cause.NEW: _("New deals"),
    Cause.REOPENED: _("Reopened"),
    Cause.OWNER_IN: _("Owner in"),
    Cause.PULLED_IN: _("Pulled in"),
    Cause.PUSHED: _("Pushed"),
    Cause.RESCHEDULED: _("Close date moved"),
    Cause.INCREASED: _("Increased"),
    Cause.DECREASED: _("Decreased"),
    Cause.STAGE: _("Stage changed"),
    Cause.CATEGORY: _("Category changed"),
    Cause.LOST: _("Lost"),
    Cause.OWNER_OUT: _("Owner out"),
    Cause.DELETED: _("Removed"),
    Cause.AGED: _("Open deals without a change"),
    Cause.ARRIVALS: _("Deals not created yet"),
    Cause.PRESENCE: _("Departures and absences on record"),
    Cause.RULES: _("Plain rules, new weeks"),
    Cause.WEIGHTS: _("Weights of the members"),
    Cause.ADJUSTED: _("Correction of the combination"),
    Cause.WIDTH: _("Shape of the range"),
}

CAUSE_MEANINGS: dict[Cause, str] = {
    Cause.RECORD: _("The first day, computed today, against the run recorded then."),
    Cause.PASSED: _("What the first forecast expected of the days that are over."),
    Cause.WON: _("What these days brought, less what was still expected of these deals."),
    Cause.RESTATED: _("Entered, corrected or taken back after the first day."),
    Cause.NEW: _("What deals created since are expected to bring."),
    Cause.REOPENED: _("Closed on the first day, open again."),
    Cause.OWNER_IN: _("Came from an owner outside of what is shown, or counts again."),
    Cause.PULLED_IN: _("Expected later than the period, or without a date; now by its end."),
    Cause.PUSHED: _("Now expected later than the period, or without a date."),
    Cause.RESCHEDULED: _("Another expected close on the same side of the period's end."),
    Cause.INCREASED: _("A win brings more, at the chance of the second day."),
    Cause.DECREASED: _("A win brings less, at the chance of the second day."),
    Cause.STAGE: _("Another stage, and the same expected close."),
    Cause.CATEGORY: _("Another forecast category, same stage and close date."),
    Cause.LOST: _("What was still expected of them."),
    Cause.OWNER_OUT: _("Went to an owner outside of what is shown, or counts no longer."),
    Cause.DELETED: _("No longer there: removed or merged."),
    Cause.AGED: _("Older, quieter or livelier by the days between; the model is learnt anew."),
    Cause.ARRIVALS: _("Fewer days to create deals in, and another pace of new deals."),
    Cause.PRESENCE: _("New business of sellers who leave or are away, as was told since."),
    Cause.RULES: _("Rules that count past weeks say something else of the days to come."),
    Cause.WEIGHTS: _("Past errors give the members other weights; members came in or left."),
    Cause.ADJUSTED: _("What the combination adds to its weighted members."),
    Cause.WIDTH: _("How far this figure lies from the mean: chance, past errors, days to go."),
}

FIGURES = ("p10", "p50", "p90", "mean")
Figures = tuple[int, int, int, int]
"""Amounts of p10, p50, p90 and the mean, whole minor units."""


@dataclass(frozen=True)
class MovePart:
    """What one cause does to each figure of the range. deals: how many stand behind it, if any."""

    cause: Cause
    values: Figures
    deals: int | None = None


@dataclass(frozen=True)
class MemberMove:
    """A member then and now: what it said of the days to come, its weight, what it adds.

    value: weight x said, now less then; these and what was won sum to the move of the mean.
    """

    name: str
    said_then: int | None
    weight_then: float
    said_now: int | None
    weight_now: float
    value: int


@dataclass(frozen=True)
class Move:
    """Why the range moved; amounts in minor units. Parts sum to the move, for every figure.

    then, now: p10, p50, p90, mean; None where that day has no range (`parts` is empty then).
    run_id: the recorded run that `then` is taken from, None where it is computed.
    """

    period: Period
    since: AsOf
    until: AsOf
    scope_label: str
    currency: str
    then: Figures | None
    now: Figures | None
    won_then: int = 0
    won_now: int = 0
    parts: tuple[MovePart, ...] = ()
    members: tuple[MemberMove, ...] = ()
    run_id: int | None = None
    store_version: int = 0

    def moved(self, figure: str) -> int:
        """Return by how much a figure moved; 0 where there is none."""
        at = FIGURES.index(figure)
        return self.now[at] - self.then[at] if self.now and self.then else 0

    def residual(self, figure: str) -> int:
        """Return what the parts leave unexplained: nothing, by construction."""
        at = FIGURES.index(figure)
        return self.moved(figure) - sum(part.values[at] for part in self.parts)
