"""From sums to figures: one unit, one window. Money in minor units, ratios 0 to 1, days."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.messages import ngettext_noop
from perilune.metrics.contracts import Figure, Interval, Note
from perilune.metrics.engine.noise import byar, compound, mean_interval, wilson

FEWEST_CLOSED = 20
"""Under this many closed deals the interval stands in place of the rate (rule 13)."""
FEWEST_PEOPLE = 5
"""Personal measures of others show for groups of at least this many (rule 26)."""
KNOWN_SHARE = 0.8
"""From this share of known first contacts on, the cycle from it is the headline (rule 12)."""

Sums = Mapping[str, Any]


@dataclass(frozen=True)
class Context:
    """What is known of one unit in one window.

    flow, cohort, state: sums of deals closed in the window, created in it, and open at the as-of
    (None where that is not asked for); closing: of `closings`; people: of `capacity`; moves: of
    `moves`. Missing keys are zero. quota: minor units. conversion: (open value, won value, deals)
    of past periods. quota_level: which level of target; unrated: quotas without a budget rate.
    calls: (forecast, won) pairs; model: (forecast, won).
    days: days of the window that have passed. is_known: the window does not lie before the first
    day of data (rule 4). may_name: personal measures of these people may be shown.
    """

    flow: Sums = field(default_factory=dict)
    cohort: Sums = field(default_factory=dict)
    state: Sums | None = None
    closing: Sums = field(default_factory=dict)
    people: Sums | None = None
    moves: Sums | None = None
    quota: int | None = None
    quota_level: str = ""
    unrated: int = 0
    conversion: tuple[int, int, int] | None = None
    calls: Sequence[tuple[int, int]] = ()
    model: tuple[int, int] | None = None
    days: int = 0
    is_known: bool = True
    is_cohort_known: bool = True
    is_partly_known: bool = False
    may_name: bool = False


NO_DATA = Note(_("Before the first day of data: unknown, not zero."))
PART_DATA = Note(_("Data begins within this window."))
NO_QUOTA = Note(_("There is no quota for this period."))
REACHED = Note(_("The target is reached: nothing is missing."))
NO_PEOPLE = Note(_("Not by this cut: a rep sells to several."))
NONE_CLOSED = Note(_("No deal was closed."))
NONE_WON = Note(_("No deal was won."))
NO_CREATION = Note(_("Won, but the creation date is unknown."))
NOTHING_DUE = Note(_("No open deal is expected in the period."))
UNKNOWN_HIRES = Note(_("Some hire dates are unknown."))
TOO_FEW = _("Withheld: personal figures show for groups of %(people)s or more.")
UNCOUNTED = ngettext_noop(
    "%(count)s deal without an amount or a rate is not counted.",
    "%(count)s deals without an amount or a rate are not counted.",
)
UNDATED = (_("Open deals without a close date, not counted: %(count)s."), "")
UNRATED = ngettext_noop(
    "%(count)s quota has no budget rate and is not counted.",
    "%(count)s quotas have no budget rate and are not counted.",
)
UNCREATED = ngettext_noop(
    "%(count)s of them has no creation date.", "%(count)s of them have no creation date."
)
STILL_OPEN = ngettext_noop("%(count)s of them is still open.", "%(count)s of them are still open.")


def figures_of(context: Context) -> dict[str, Figure]:
    """Return every measure's figure by name; measures that were not asked for are left out."""
    figures: dict[str, Figure] = {}
    for part in _PARTS:
        figures |= part(context, figures)
    if not context.is_known:
        figures |= {name: Figure(None, 0, None, NO_DATA) for name in _FLOWS if name in figures}
    elif context.is_partly_known:
        for name in _FLOWS:
            found = figures.get(name)
            if found is not None and found.note is None:
                figures[name] = replace(found, note=PART_DATA)
    return figures


def _number(sums: Sums, name: str) -> int:
    return int(sums.get(name) or 0)


def _money(sums: Sums, name: str) -> int:
    return round(sums.get(name) or 0.0)


def _scaled(interval: Interval | None, by: float) -> Interval | None:
    return interval and (interval[0] / by, interval[1] / by)


def _counted(count: int, forms: tuple[str, str] = UNCOUNTED) -> Note | None:
    one, several = forms
    return Note(one, {"count": count}, several) if count else None


def _results(context: Context, _before: Mapping[str, Figure]) -> dict[str, Figure]:
    flow = context.flow
    won, amount = _number(flow, "won_count"), _money(flow, "won_amount")
    spread = compound(amount, flow.get("won_squares") or 0.0)
    note = _counted(_number(flow, "won_uncounted"))
    lost = _number(flow, "lost_count")
    return {
        "won_amount": Figure(amount, won, spread, note),
        "won_count": Figure(won, won, byar(won)),
        "lost_count": Figure(lost, lost, byar(lost)),
        "target": Figure(context.quota, 0, None, _quota_note(context), context.quota_level),
        "attainment": Figure(
            amount / context.quota,
            won,
            _scaled(spread, context.quota),
            note or _quota_note(context),
            context.quota_level,
        )
        if context.quota
        else Figure(None, won, None, _quota_note(context) or NO_QUOTA),
        "bookings_per_day": Figure(
            round(amount / context.days), won, _scaled(spread, context.days), note
        )
        if context.days
        else Figure(None),
    }


def _quota_note(context: Context) -> Note | None:
    """Tell what a target lacks: quotas in a currency without a rate are counted, never guessed."""
    if context.unrated:
        return _counted(context.unrated, UNRATED)
    return NO_QUOTA if context.quota is None else None


def _conversion(context: Context, _before: Mapping[str, Figure]) -> dict[str, Figure]:
    flow, cohort = context.flow, context.cohort
    won, lost = _number(flow, "won_count"), _number(flow, "lost_count")
    no_deal = _number(flow, "no_deal_count")
    real = won + lost - no_deal - _number(flow, "unqualified_count")
    created = _number(cohort, "deals")
    ever_won = _number(cohort, "ever_won")
    figures = {
        "win_rate_closed": _rate(won, real),
        "no_deal_share": _share(no_deal, won + lost),
        "win_rate_value": _value_rate(flow),
        "win_rate_cohort": _share(
            ever_won, created, _counted(_number(cohort, "still_open"), STILL_OPEN)
        ),
    }
    if not context.is_cohort_known:
        figures["win_rate_cohort"] = Figure(None, 0, None, NO_DATA)
    return figures


def _rate(won: int, closed: int) -> Figure:
    found = _share(won, closed)
    if found.value is None or closed >= FEWEST_CLOSED:
        return found
    return Figure(
        None, closed, found.interval, Note(_("Under 20 closed deals: the interval instead."))
    )


def _share(hits: int, n: int, note: Note | None = None) -> Figure:
    if n <= 0:
        return Figure(None, 0, None, NONE_CLOSED if note is None else note)
    return Figure(hits / n, n, wilson(hits, n), note)


def _value_rate(flow: Sums) -> Figure:
    won, lost = flow.get("won_amount") or 0.0, flow.get("lost_amount") or 0.0
    n = _number(flow, "won_count") + _number(flow, "lost_count")
    note = _counted(_number(flow, "won_uncounted") + _number(flow, "lost_uncounted"))
    total = won + lost
    if total <= 0:
        return Figure(None, n, None, note or NONE_CLOSED)
    rate = won / total
    # the linearised variance of a ratio of sums (delta method)
    squares = (1 - rate) ** 2 * (flow.get("won_squares") or 0.0)
    squares += rate**2 * (flow.get("lost_squares") or 0.0)
    low, high = compound(rate * total, squares)
    return Figure(rate, n, (low / total, min(1.0, high / total)), note)


def _cycle(context: Context, _before: Mapping[str, Figure]) -> dict[str, Figure]:
    closing = context.closing
    won, known = _number(closing, "won_count"), _number(closing, "contact_count")
    share = known / won if won else 0.0
    contact_note = None
    if won and share < KNOWN_SHARE:
        contact_note = Note(
            _("First contact is known for %(percent)s %% of the deals: not the headline."),
            {"percent": round(share * 100)},
        )
    n = _number(closing, "cycle_count")
    median = closing.get("cycle_median")
    # deals that were won without the date that a cycle begins with are not «no deal»
    undated = NO_CREATION if won else NONE_WON
    return {
        "cycle_first_contact": _mean(closing, "contact", contact_note, contact_note or NONE_WON),
        "cycle_creation": _mean(closing, "cycle", None, undated),
        "cycle_creation_median": Figure(median, n, None, None if n else undated),
        "create_and_close": _share(_number(closing, "quick_count"), won),
    }


def _mean(closing: Sums, name: str, note: Note | None, missing: Note) -> Figure:
    n, mean = _number(closing, f"{name}_count"), closing.get(f"{name}_mean")
    if mean is None:
        return Figure(None, 0, None, missing)
    return Figure(mean, n, mean_interval(mean, closing.get(f"{name}_deviation"), n), note)


def _pipeline(context: Context, before: Mapping[str, Figure]) -> dict[str, Figure]:
    state = context.state
    if state is None:
        return {}
    count, due = _number(state, "open_count"), _number(state, "due_count")
    value, due_value = _money(state, "open_value"), _money(state, "due_value")
    spread = compound(value, state.get("open_squares") or 0.0)
    due_spread = compound(due_value, state.get("due_squares") or 0.0)
    undated = _counted(_number(state, "undated_count"), UNDATED)
    return {
        "open_value": _worth(value, count, spread, _number(state, "open_uncounted")),
        "open_count": Figure(
            count, count, byar(count), _counted(_number(state, "uncreated_count"), UNCREATED)
        ),
        "open_in_period": Figure(
            due_value if due or undated is None else None, due, due_spread, undated
        ),
        "coverage": _coverage(context, before, Figure(due_value, due, due_spread, undated)),
        "required_coverage": _required(context.conversion),
        "velocity": _velocity(state, before),
    }


def _worth(value: int, count: int, spread: Interval, uncounted: int) -> Figure:
    # where no deal has a value the sum is unknown, not zero
    is_known = not count or uncounted < count
    return Figure(
        value if is_known else None, count, spread if is_known else None, _counted(uncounted)
    )


def _coverage(context: Context, before: Mapping[str, Figure], due: Figure) -> Figure:
    level = context.quota_level
    if context.quota is None:
        return Figure(None, due.n, None, _quota_note(context))
    missing = context.quota - (before["won_amount"].value or 0)
    if missing <= 0:
        return Figure(None, due.n, None, REACHED, level)
    if not due.n:
        return Figure(None, 0, None, due.note or NOTHING_DUE, level)
    note = due.note or _quota_note(context)
    covered = (due.value or 0) / missing
    return Figure(covered, due.n, _scaled(due.interval, missing), note, level)


def _required(conversion: tuple[int, int, int] | None) -> Figure:
    if conversion is None or conversion[0] <= 0 or conversion[1] <= 0:
        note = Note(_("Past periods do not say: no open value with a close date was won in them."))
        return Figure(None, conversion[2] if conversion else 0, None, note)
    return Figure(conversion[0] / conversion[1], conversion[2])


def _velocity(state: Sums, before: Mapping[str, Figure]) -> Figure:
    live, rate = _number(state, "live_count"), before["win_rate_closed"].value
    won, amount = before["won_count"].value, before["won_amount"].value
    cycle = before["cycle_creation"].value
    if not (rate and won and amount and cycle):
        return Figure(None, live, None, NONE_CLOSED)
    return Figure(round(live * rate * (amount / won) / cycle), live)


def _moves(context: Context, _before: Mapping[str, Figure]) -> dict[str, Figure]:
    moves = context.moves
    if moves is None:
        return {}
    base, pushes = _money(moves, "expected_value"), _number(moves, "pushes")
    pulls = _number(moves, "pulls")
    n = _number(moves, "expected_count")
    slipped = Figure(_money(moves, "slipped_value") / base, n) if base else None
    none_expected = Note(_("No deal was expected at the start of the period to close in it."))
    return {
        "slippage": slipped or Figure(None, n, None, none_expected),
        "push_count": Figure(pushes, pushes, byar(pushes)),
        "pull_in_count": Figure(pulls, pulls, byar(pulls)),
    }


def _people(context: Context, before: Mapping[str, Figure]) -> dict[str, Figure]:
    won = before["won_amount"]
    active = _number(context.closing, "active_reps")
    found = {"bookings_per_active_rep": _per(won, active)}
    people = context.people
    if people is None:
        return found | dict.fromkeys(
            ("bookings_per_fte", "bookings_per_listed_rep", *PERSONAL),
            Figure(None, 0, None, NO_PEOPLE),
        )
    listed = _number(people, "listed")
    fte = (people.get("fte_days") or 0.0) / context.days if context.days else 0.0
    if _number(people, "hired") < listed:
        found["bookings_per_fte"] = Figure(None, listed, None, UNKNOWN_HIRES)
    else:
        found["bookings_per_fte"] = _per(won, fte)
    found["bookings_per_listed_rep"] = _per(won, listed)
    return found | _selling(context, people, listed)


def _per(won: Figure, by: float) -> Figure:
    if by <= 0 or won.value is None:
        return Figure(None, 0, None, Note(_("No rep is known for this period.")))
    return Figure(round(won.value / by), round(by), _scaled(won.interval, by), won.note)


PERSONAL = ("selling_time", "selling_time_coverage")
"""Measures of single persons, that rule 26 guards."""


def _selling(context: Context, people: Sums, listed: int) -> dict[str, Figure]:
    if not context.may_name and listed < FEWEST_PEOPLE:
        withheld = Figure(None, 0, None, Note(TOO_FEW, {"people": FEWEST_PEOPLE}))
        return dict.fromkeys(PERSONAL, withheld)
    hours, days = people.get("hours") or 0.0, _number(people, "work_days")
    logged = _number(people, "logged_days")
    none_logged = Note(_("No activity was recorded."))
    time = Figure(None, days, None, none_logged)
    if hours > 0 and logged:
        time = Figure((people.get("minutes") or 0.0) / 60 / hours, days)
    return {"selling_time": time, "selling_time_coverage": _share(logged, days, None)}


def _forecast(context: Context, _before: Mapping[str, Figure]) -> dict[str, Figure]:
    return {**_called(context.calls), "forecast_accuracy_model": _modelled(context.model)}


def _called(calls: Sequence[tuple[int, int]]) -> dict[str, Figure]:
    actual = sum(won for _forecast, won in calls)
    if not calls or actual <= 0:
        note = Note(_("No forecast was submitted, or the period is not over."))
        return dict.fromkeys(CALLS, Figure(None, len(calls), None, note))
    wape = sum(abs(forecast - won) for forecast, won in calls) / actual
    bias = sum(forecast - won for forecast, won in calls) / actual
    return {
        "forecast_error_call": Figure(wape, len(calls)),
        "forecast_bias_call": Figure(bias, len(calls)),
        "forecast_accuracy_call": Figure(1 - abs(bias), len(calls)),
    }


def _modelled(model: tuple[int, int] | None) -> Figure:
    if model is None or model[1] <= 0:
        return Figure(
            None, 0, None, Note(_("No forecast was recorded, or the period is not over."))
        )
    return Figure(1 - abs(model[0] - model[1]) / model[1], 1)


CALLS = ("forecast_error_call", "forecast_bias_call", "forecast_accuracy_call")

_PARTS: tuple[Callable[[Context, Mapping[str, Figure]], dict[str, Figure]], ...] = (
    _results, _conversion, _cycle, _pipeline, _moves, _people, _forecast,
)  # fmt: skip

_FLOWS = (
    "won_amount", "won_count", "lost_count", "attainment", "bookings_per_day", "win_rate_closed",
    "no_deal_share", "win_rate_value", "cycle_first_contact", "cycle_creation",
    "cycle_creation_median", "create_and_close", "slippage", "push_count", "pull_in_count",
    "bookings_per_fte", "bookings_per_listed_rep", "bookings_per_active_rep",
)  # fmt: skip
