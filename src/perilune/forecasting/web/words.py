"""The sentences of the forecast's pages."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts import (
    AIM,
    REST_LABELS,
    STATUS_LABELS,
    THIN_BELOW,
    TOO_NARROW,
    TOO_WIDE,
    Backtest,
    Behind,
    ForecastResult,
    ForecastRow,
    Note,
    Status,
)
from perilune.forecasting.engine.rows import NO_MODEL, SHARED_OUT, is_shared_out
from perilune.ui import formats
from perilune.ui.contracts import Status as Mark
from perilune.ui.contracts import Tone, TrackRecord
from perilune.ui.filters import scope_label

STRIP = 39
"""How many of the last outcomes the strip draws: what a narrow screen has room for."""
_TONES = {
    Status.FULL: Tone.GOOD,
    Status.THIN: Tone.WATCH,
    Status.NO_HISTORY: Tone.WATCH,
    Status.FINISHED: Tone.NEUTRAL,
    Status.UNKNOWN: Tone.NEUTRAL,
}


def label(row: ForecastRow | str, scope: str) -> str:
    """Return the reader's name of a unit; the total is named by what the gate let in (rule 10)."""
    name = row if isinstance(row, str) else row.label
    if name == "total":
        return str(scope_label(scope))
    return gettext(REST_LABELS[name]) if name in REST_LABELS else name


def row_label(row: ForecastRow, result: ForecastResult) -> str:
    """Return the reader's name of a row; of a team with those below it, that it holds them."""
    name = label(row, result.scope_label)
    if not result.is_group(row):
        return name
    return gettext("%(team)s with its teams") % {"team": name}


def member(name: str) -> str:
    """Return the reader's name of a member."""
    return {
        "combination": gettext("Combination"),
        "simulation": gettext("Simulation of open and new deals"),
        "quarter_back": gettext("Same window one quarter back (naive)"),
        "mean_13_weeks": gettext("Mean of the last 13 weeks"),
        "quarters_back": gettext("Mean of the same window in the last four quarters"),
        "year_back": gettext("Same window one year back, per working day"),
        "last_window": gettext("The window that has just ended (naive)"),
    }.get(name, name)


def mark(status: Status) -> Mark:
    """Return how far a row may be trusted, with its tone."""
    return Mark(gettext(STATUS_LABELS[status]), _TONES[status])


def note(said: Note) -> str:
    """Return a note in the reader's language."""
    text = gettext(said.message)
    return text % said.params if said.params else text


def notes(result: ForecastResult) -> list[str]:
    """Return the notes of the total; while models are prepared, their absence is no news."""
    told = [said for said in result.total.notes if result.is_complete or said.message != NO_MODEL]
    if is_shared_out(result.rows[1:]):
        told.append(Note(SHARED_OUT))
    return [*filter(None, (away(result),)), *(note(said) for said in told)]


def away(result: ForecastResult) -> str:
    """Say what departures and absences on record take off the mean; "" where they take nothing."""
    found = result.away
    if found is None:
        return ""
    return ngettext(
        "%(count)s seller leaves or is away on record: %(amount)s less of new business in the "
        "mean.",
        "%(count)s sellers leave or are away on record: %(amount)s less of new business in the "
        "mean.",
        found.people,
    ) % {
        "count": formats.number(found.people, 0),
        "amount": formats.short_money(found.amount, result.currency),
    }


def track(backtest: Backtest) -> TrackRecord | None:
    """Return the strip of a back-test, None when there is none."""
    if not backtest.points:
        return None
    return TrackRecord(
        backtest.points,
        backtest.windows,
        backtest.wape,
        backtest.bias,
        backtest.coverage80,
        hits=backtest.hits[-STRIP:],
    )


def finding(result: ForecastResult, target: int | None) -> str:
    """Return the sentence that states what the page found."""
    row, currency, period = result.total, result.currency, result.request.period.name

    def short(minor: float | None) -> str:
        return formats.short_money(minor, currency)

    facts = {"period": period, "won": short(row.won_to_date)}
    if row.status is Status.UNKNOWN or row.won_to_date is None:
        return gettext("Nothing is known of %(period)s: the data begins later.") % facts
    if row.status is Status.FINISHED:
        text = gettext("%(period)s is over: %(won)s was won") % facts
    elif row.range is None:
        text = (
            gettext("%(won)s is won in %(period)s; there is not enough history for a range") % facts
        )
    else:
        facts |= {"low": short(row.range.p10), "high": short(row.range.p90)}
        text = gettext("%(period)s is likely to land between %(low)s and %(high)s") % facts
    if target is None:
        return text + "."
    return gettext("%(sentence)s; target %(target)s.") % {"sentence": text, "target": short(target)}


def skill(result: ForecastResult) -> str:
    """Say whether the combination beat the naive forecast; a model without skill says so."""
    found = result.total.skill
    if found is None:
        return ""
    share = {"share": formats.percent(abs(found), 0)}
    if found > 0:
        return (
            gettext(
                "At past origins the combination erred %(share)s less than "
                "the same window one quarter back."
            )
            % share
        )
    return (
        gettext(
            "At past origins the combination erred %(share)s more than "
            "the same window one quarter back: "
            "here the naive forecast would have done better."
        )
        % share
    )


def why(result: ForecastResult, found: Behind) -> str:
    """Return the first depth in two sentences: the deals behind it, and what is to come."""
    row, currency = result.total, result.currency
    if row.won_to_date is None:
        return finding(result, None)
    first = _won(row.won_to_date, found, currency)
    if row.range is None or row.status is Status.FINISHED:
        return first
    remainder = formats.short_money(row.range.mean - row.won_to_date, currency)
    open_deals = ngettext(
        "%(count)s open deal worth %(value)s is due in the period",
        "%(count)s open deals worth %(value)s are due in the period",
        found.open_deals,
    ) % {
        "count": formats.number(found.open_deals, 0),
        "value": formats.short_money(found.open_value, currency),
    }
    due = open_deals + _named(found, is_won=False, currency=currency)
    existing = row.existing
    if not existing:
        second = gettext(
            "The %(remainder)s still to come is the mean of what past windows say; "
            "open deals play no part in it yet: %(due)s."
        ) % {"remainder": remainder, "due": due}
        return f"{first} {second}"
    new = max(row.range.mean - row.won_to_date - existing, 0.0)
    second = gettext(
        "Of the %(remainder)s still to come, open deals bring %(existing)s and deals that are not "
        "created yet %(new)s (%(share)s): %(due)s."
    ) % {
        "remainder": remainder,
        "existing": formats.short_money(existing, currency),
        "new": formats.short_money(new, currency),
        "share": formats.percent(new / (existing + new), 0),
        "due": due,
    }
    return " ".join(filter(None, (first, second, away(result))))


def make_up(result: ForecastResult) -> str:
    """Say which part of the mean to come open deals bring, and which is not created yet."""
    row = result.total
    if not row.existing or row.range is None or row.won_to_date is None:
        return ""
    to_come = row.range.mean - row.won_to_date
    facts = {
        "to_come": formats.short_money(to_come, result.currency),
        "existing": formats.short_money(row.existing, result.currency),
        "new": formats.short_money(max(to_come - row.existing, 0.0), result.currency),
    }
    return (
        gettext(
            "Still to come, mean: %(to_come)s, of which %(existing)s from open deals and %(new)s "
            "from deals not created yet."
        )
        % facts
    )


def _won(won: float, found: Behind, currency: str) -> str:
    text = ngettext(
        "%(won)s is won to date in %(count)s deal",
        "%(won)s is won to date in %(count)s deals",
        found.won_deals,
    ) % {"won": formats.short_money(won, currency), "count": formats.number(found.won_deals, 0)}
    text += _named(found, is_won=True, currency=currency)
    if found.new_won is None or not found.won_value:
        return text + "."
    share = formats.percent(found.new_won / found.won_value, 0)
    return gettext("%(sentence)s; new business is %(share)s of it.") % {
        "sentence": text,
        "share": share,
    }


def _named(found: Behind, *, is_won: bool, currency: str) -> str:
    """Return the three largest deals as «, the largest of them A (1), B (2)»."""
    largest = [deal for deal in found.deals if deal.is_won is is_won][:3]
    if not largest:
        return ""
    names = ", ".join(f"{d.name} ({formats.short_money(d.value, currency)})" for d in largest)
    return gettext(" (largest: %(names)s)") % {"names": names}


def may_move(result: ForecastResult) -> str:
    """Say that models behind a range are still being learnt, where they are."""
    if result.is_complete:
        return ""
    return gettext("Models of open deals are being prepared: this range may still move.")


def too_wide(backtest: Backtest) -> str:
    """Say that the range has held clearly more, or fewer, outcomes than the 80 % it aims at."""
    share, count = backtest.coverage80, backtest.ranged
    if share is None or count < THIN_BELOW:
        return ""
    facts = {"share": formats.percent(share, 0), "count": count, "aim": formats.percent(AIM, 0)}
    if share >= TOO_WIDE:
        return (
            gettext(
                "The range has been too wide: %(share)s of %(count)s outcomes fell inside, "
                "the aim is %(aim)s."
            )
            % facts
        )
    if share <= TOO_NARROW:
        return (
            gettext(
                "The range has been too narrow: %(share)s of %(count)s outcomes fell inside, "
                "the aim is %(aim)s."
            )
            % facts
        )
    return ""
