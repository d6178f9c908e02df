"""The truth of the demo company: every parameter that the generator uses, with what it means.

Engines are tested against these figures, so a change here changes what their tests may expect.
Rates are per week, shares are between 0 and 1, amounts are in units of the company's currency.
"""

# ruff: noqa: RUF009 - `_p` is dataclasses.field with a meaning
from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

Floats = tuple[float, ...]


def _p(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Truth:
    """All parameters. Lists by stage run from the first open stage to the last (negotiation)."""

    # -- size
    years: float = _p(3.0, "years of history before today (rounded up to a whole quarter)")
    seats: tuple[int, ...] = _p((10, 9, 9, 9, 7, 8, 8), "selling seats per team at the end")
    seats_at_start: float = _p(0.8, "share of the seats that are open on the first day")
    accounts: int = _p(2500, "accounts, without the duplicates")
    duplicate_accounts: float = _p(0.015, "share of accounts that were entered twice")
    lead_rate: float = _p(0.5, "leads created per new deal")
    case_rate: float = _p(0.45, "support cases per won deal")
    activity_weeks: int = _p(0, "weeks of activities kept before today; 0 keeps them all")
    submission_weeks: int = _p(0, "weeks of forecast calls kept before today; 0 keeps them all")

    # -- arrival of deals
    create_rate: float = _p(2.2, "deals created per full week of a fully ramped rep")
    yearly_growth: float = _p(0.06, "growth of the creation rate per year")
    create_by_month: Floats = _p(
        (1.08, 1.05, 1.05, 1.0, 0.95, 1.0, 0.9, 0.6, 1.15, 1.1, 1.05, 0.75),
        "creation rate by month, January to December",
    )
    segment_share: Floats = _p((0.5, 0.35, 0.15), "deals of small, mid-size, enterprise accounts")
    expansion_share: float = _p(0.6, "share of deals with a customer that are expansions")
    renewal_share: float = _p(0.6, "share of won deals that come back as a renewal")
    renewal_weeks: int = _p(44, "weeks from the win to the renewal deal")

    # -- course of a deal: weekly hazards by stage
    advance: Floats = _p((0.26, 0.27, 0.23, 0.19, 0.19), "hazard of moving on (the last one: won)")
    lose: Floats = _p((0.09, 0.075, 0.05, 0.055, 0.055), "hazard of being lost")
    go_back: float = _p(0.012, "hazard of falling back one stage (from the third stage on)")
    segment_speed: Floats = _p((1.3, 1.0, 0.7), "factor on all hazards by segment")
    segment_win: Floats = _p((1.05, 1.0, 0.9), "factor on advancing by segment")
    type_win: Floats = _p((0.92, 1.15, 1.9), "factor on advancing: new, expansion, renewal")
    age_decay: float = _p(
        0.035, "advancing falls by exp(-this) per week in the stage after the fourth"
    )
    skill_spread: float = _p(
        0.28, "sd of a rep's skill; exp(skill) scales advancing from stage 3 on"
    )
    skill_on_loss: float = _p(-0.5, "exp(this x skill) scales losing")
    source_win: Floats = _p(
        (1.15, 0.85, 1.1, 1.3, 0.95),
        "factor by source: inbound, outbound, partner, referral, event",
    )
    competitor_share: Floats = _p((0.22, 0.14, 0.08), "deals with each of the three competitors")
    competitor_win: Floats = _p(
        (0.8, 0.92, 0.65), "factor on advancing from stage 3 on, by competitor"
    )
    win_by_week_left: Floats = _p(
        (2.2, 1.7, 1.3, 1.1, 1.0, 1.0, 1.0, 0.95, 0.9, 0.85, 0.75, 0.65, 0.6, 0.6),
        "quarter push: factor on winning by whole weeks left in the quarter",
    )
    win_by_month: Floats = _p(
        (0.95, 1.0, 1.0, 1.0, 1.0, 1.05, 0.95, 1.0, 1.05, 1.05, 1.05, 1.2),
        "factor on winning by month (December: budgets)",
    )
    august: Floats = _p((0.5, 0.85, 0.75), "factor on every hazard in August by region")
    zombie_share: float = _p(0.06, "deals that stop moving for ever at some stage")
    zombie_lose: float = _p(0.004, "hazard at which a zombie is cleaned up after all")
    back_to_talks: float = _p(0.06, "hazard at which a silent customer answers again")
    silence: float = _p(0.014, "hazard of the customer falling silent")
    silent_advance: float = _p(0.3, "factor on advancing of a silent deal")
    silent_lose: float = _p(1.5, "factor on losing of a silent deal")
    no_real_deal: Floats = _p(
        (0.5, 0.3, 0.12, 0.06, 0.03), "lost for «no real deal», by last stage"
    )

    # -- the known change of regime
    regime_week: int = _p(112, "the regime changes at the first quarter start from this week on")
    regime_advance: float = _p(0.86, "from then on: factor on advancing (budgets are frozen)")
    regime_lose: float = _p(1.12, "from then on: factor on losing")
    regime_price: float = _p(1.08, "from then on: factor on new amounts (price list)")
    regime_competitor: Floats = _p((0.2, 0.14, 0.2), "from then on: competitor_share")

    # -- amounts and dates
    amount_median: Floats = _p((10000.0, 32000.0, 105000.0), "median first amount by segment")
    amount_sigma: float = _p(0.6, "sd of the logarithm of the amount")
    amount_missing: float = _p(0.1, "deals created without an amount")
    amount_change: float = _p(0.25, "chance of a new amount when a deal advances")
    amount_drift: Floats = _p((-0.03, 0.16), "mean and sd of the logarithm of that change")
    discount: float = _p(0.04, "mean discount at signature, from negotiation on")
    planned_weeks: Floats = _p(
        (9.0, 13.0, 19.0), "median weeks to the first expected close by segment"
    )
    optimism_spread: float = _p(0.18, "sd over reps of the logarithm of the planned weeks")
    push: float = _p(0.025, "hazard of pushing the close date before it is due")
    pull_in: float = _p(0.008, "hazard of pulling the close date in")
    hygiene: Floats = _p(
        (0.35, 0.95), "range over reps of the chance to re-date an overdue deal in a week"
    )
    close_date_missing: float = _p(0.012, "deals created without an expected close date")
    next_step_missing: float = _p(0.25, "deals whose rep never fills the next step")

    # -- people
    ramp: Floats = _p(
        (0.1, 0.2, 0.35, 0.5, 0.65, 0.78, 0.88, 0.95, 1.0),
        "share of full productivity (creation) by whole month since hire",
    )
    ramp_on_advance: float = _p(0.35, "advancing is scaled by 1 - this x (1 - ramp)")
    leave_rate: float = _p(0.0038, "hazard per week that a rep resigns (about 18 % a year)")
    vacancy_weeks: Floats = _p((4.0, 14.0), "range of weeks until the seat is filled")
    notice_weeks: int = _p(5, "weeks from the notice to the last day")
    part_time: float = _p(0.08, "reps at 0.8 FTE")
    long_absence: float = _p(0.0007, "hazard per week of an absence of 8 to 18 weeks")
    selling_share: Floats = _p((0.28, 0.40), "range over reps of selling minutes in worked minutes")
    other_share: float = _p(0.2, "logged minutes that are not selling, in worked minutes")
    activity_mix: Floats = _p(
        (0.42, 0.28, 0.12, 0.18), "selling: meeting, call, e-mail, preparation"
    )
    activity_minutes: Floats = _p((80.0, 18.0, 5.0, 100.0), "their mean minutes")

    # -- targets and calls
    quota_year: float = _p(640_000.0, "street quota of a fully ramped rep in the first year")
    quota_by_quarter: Floats = _p((0.92, 1.02, 0.92, 1.14), "share of a quarter in an average one")
    quota_growth: float = _p(0.04, "growth of quotas per fiscal year")
    operating_cut: float = _p(0.92, "operating plan in street quotas")
    board_cut: float = _p(0.85, "board plan in street quotas")
    manager_bias: Floats = _p(
        (-0.12, 0.18, 0.0, 0.08, -0.05, 0.25, -0.2),
        "bias of a team's call, as a share of what is still to come, by team (0: right on average)",
    )
    manager_noise: float = _p(0.18, "sd of the logarithm of the same, at the start of a quarter")
    commit_cut: float = _p(0.85, "commit over call, on what is still to come")
    early_commit: float = _p(0.8, "x positive bias: chance to call a deal commit at the proposal")
    late_commit: float = _p(1.2, "x negative bias: chance to hold a negotiation back in best case")
    rep_bias_spread: float = _p(0.2, "sd over reps of the bias around their manager's")
    rep_noise: float = _p(0.4, "sd of the logarithm of a rep's call, at the start of a quarter")
    best_case_lift: float = _p(1.35, "best case over call, on what is still to come")
    split_share: float = _p(0.06, "won deals shared between two reps")
    overlay_share: float = _p(0.5, "won enterprise deals with overlay credit")
    excluded_share: float = _p(0.004, "deals that are tests or internal")

    @classmethod
    def small(cls) -> Truth:
        """Return the truth of a small company for tests: six seats, about 400 deals."""
        return cls(
            seats=(2, 0, 0, 2, 0, 2, 0),
            seats_at_start=1.0,
            accounts=120,
            duplicate_accounts=0.03,
            create_rate=0.5,
            activity_weeks=20,
            submission_weeks=30,
            quota_year=160_000.0,
        )


def table(truth: Truth | None = None) -> str:
    """Return the parameters as a Markdown table: name, value, meaning."""
    shown = truth or Truth()
    lines = ["| parameter | value | meaning |", "|---|---|---|"]
    for item in fields(Truth):
        value = getattr(shown, item.name)
        text = ", ".join(f"{v:g}" for v in value) if isinstance(value, tuple) else f"{value:,g}"
        if isinstance(value, float) and value >= 1000:
            text = f"{value:,.0f}"
        lines.append(f"| `{item.name}` | {text} | {item.metadata['meaning']} |")
    return "\n".join(lines)
