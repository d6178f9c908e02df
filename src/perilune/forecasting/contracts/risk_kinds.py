"""Kinds of risk: what each is, by which definition, and what to do about it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from perilune.kernel.messages import gettext_noop as _

SILENT_DAYS = 30
"""Days without two-way activity from which on a deal is silent."""
PUSHES = 2
"""Moves of the close date to a later quarter from which on a deal is pushed repeatedly."""
SINGLE_DAYS = 30
"""Age in days from which on one known person at the customer is too few."""
PEERS = 20
"""Fewest cases that a figure, a limit or a claim rests on (rule 13)."""
STAGE_QUANTILE, AMOUNT_QUANTILE = 0.9, 0.975
"""Of the deals that were won, the share that stayed shorter in the stage, or brought less."""


class RiskKind(StrEnum):
    """What speaks against a deal (gravest first), then what speaks against the portfolio."""

    OVERDUE = "overdue"
    PUSHED = "pushed"
    SILENT = "silent"
    OLD_STAGE = "old_stage"
    SINGLE_THREADED = "single_threaded"
    FAR_AMOUNT = "far_amount"
    NO_NEXT_STEP = "no_next_step"
    FEW_DEALS = "few_deals"
    ONE_CUSTOMER = "one_customer"
    ONE_REP = "one_rep"
    COVERAGE_GAP = "coverage_gap"
    CAPACITY_LOSS = "capacity_loss"
    SEASONALITY = "seasonality"


class RiskWords(NamedTuple):
    """Msgids: the name, a word for lists, the definition, the proposed action."""

    label: str
    short: str
    definition: str
    action: str


RISK_WORDS: dict[RiskKind, RiskWords] = {
    RiskKind.OVERDUE: RiskWords(
        _("Close date has passed"),
        _("overdue"),
        _("The deal is open and its expected close lies before the as-of."),
        _("Agree a new date with the customer, or close the deal as lost."),
    ),
    RiskKind.PUSHED: RiskWords(
        _("Pushed to a later quarter at least twice"),
        _("pushed"),
        _("The expected close moved to a later quarter two times or more."),
        _("Ask what has to happen before the customer signs; move it out if nothing is agreed."),
    ),
    RiskKind.SILENT: RiskWords(
        _("No two-way activity for a month"),
        _("silent"),
        _(
            "More than 30 days since the last meeting that took place, call that was answered or "
            "message that came in; since the creation where there was none. Where none of these is "
            "on record for any deal, any activity counts."
        ),
        _("Contact the customer this week, or close the deal."),
    ),
    RiskKind.OLD_STAGE: RiskWords(
        _("In its stage for longer than nine in ten won deals"),
        _("long in stage"),
        _(
            "The days in the stage exceed the 90 % quantile of the deals that went on from this "
            "stage and were won within a year; at least 20 of them, else it is not said."
        ),
        _("Agree with the customer what leads to the next stage, or move the deal back."),
    ),
    RiskKind.SINGLE_THREADED: RiskWords(
        _("Rests on one person at the customer"),
        _("single-threaded"),
        _(
            "Older than 30 days with at most one known person: contact roles, the main contact and "
            "the contacts of its activities. Alone it does not put a deal on the list. Not said "
            "where no deal has two contact roles."
        ),
        _("Meet a second decision maker and record the contact on the deal."),
    ),
    RiskKind.FAR_AMOUNT: RiskWords(
        _("Larger than nearly all deals that were won"),
        _("amount far from history"),
        _(
            "The value exceeds the 97.5 % quantile of what deals with the same product brought "
            "within a year, of all won deals where fewer than 20 had it."
        ),
        _("Check the amount, and how much of it can be signed now."),
    ),
    RiskKind.NO_NEXT_STEP: RiskWords(
        _("No next step"),
        _("no next step"),
        _("The field «Next step» is empty. Alone it does not put a deal on the list."),
        _("Write down the next step and its day."),
    ),
    RiskKind.FEW_DEALS: RiskWords(
        _("A few deals carry half of the period"),
        _("few deals"),
        _(
            "Ten deals or fewer bring half of what open deals are expected to bring in the period "
            "(value x chance). At stake is what these deals are expected to bring."
        ),
        _("Go through these deals one by one each week, and open new ones beside them."),
    ),
    RiskKind.ONE_CUSTOMER: RiskWords(
        _("One customer carries much of the period"),
        _("one customer"),
        _(
            "One account brings 15 % or more of what open deals are expected to bring in the "
            "period. At stake is what its deals are expected to bring."
        ),
        _("Name a sponsor for this customer and agree a plan with them."),
    ),
    RiskKind.ONE_REP: RiskWords(
        _("One rep carries much of the period"),
        _("one rep"),
        _(
            "One of at least five reps brings 25 % or more of what open deals are expected to "
            "bring in the period. At stake is what these deals are expected to bring."
        ),
        _("Give a second person a part in the largest of these deals."),
    ),
    RiskKind.COVERAGE_GAP: RiskWords(
        _("Not enough to reach the target"),
        _("coverage gap"),
        _(
            "The target less the mean of the range (won, open deals, deals to come); without a "
            "range less what was won and what open deals are expected to bring."
        ),
        _("Decide what closes the gap: new deals, deals pulled in, or a lower call."),
    ),
    RiskKind.CAPACITY_LOSS: RiskWords(
        _("Selling time is lost before the period ends"),
        _("capacity"),
        _(
            "Departures and absences on record, in working days of the rest of the period, shown "
            "without names and only for five reps or more. At stake is the same share of what the "
            "open deals of those reps are expected to bring; their new business is off the range "
            "already and does not count here again."
        ),
        _("Name interim holders for the open deals before the dates."),
    ),
    RiskKind.SEASONALITY: RiskWords(
        _("The season was weaker a year ago"),
        _("season"),
        _(
            "The rest of the period a year back brought less per working day than the range now "
            "expects of it. At stake is the difference. Known from five quarters of history on."
        ),
        _("Ask which deals depend on the season, and bring their dates forward."),
    ),
}

DEAL_KINDS = tuple(RiskKind)[: tuple(RiskKind).index(RiskKind.FEW_DEALS)]
PORTFOLIO_KINDS = tuple(RiskKind)[len(DEAL_KINDS) :]
MINOR_KINDS = frozenset({RiskKind.SINGLE_THREADED, RiskKind.NO_NEXT_STEP})
"""Kinds that do not put a deal on the list alone."""
