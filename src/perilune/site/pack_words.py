"""The pack in words: every figure as text in the reader's language, under what it covers."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import get_language, gettext, ngettext

from perilune.forecasting.contracts import COMPONENT_LABELS
from perilune.forecasting.web import words as forecast_words
from perilune.kernel.calendar import Grain
from perilune.metrics.contracts import (
    MEASURES,
    Compared,
    MeasureHistory,
    MeasureRow,
    Unit,
)
from perilune.metrics.web import words as metric_words
from perilune.metrics.web.tiles import change_format, change_of
from perilune.site import pack_tables, risks
from perilune.site.pack import Outlook, Pack
from perilune.site.pack_blocks import LEFT, RIGHT, Block, Group, Words
from perilune.site.pack_tables import caption
from perilune.site.risks import RiskDeal
from perilune.ui import formats
from perilune.ui.filters import scope_label


def write(pack: Pack) -> Words:
    """Return a pack in the active language."""
    scope, day = scope_label(pack.scope), formats.day(pack.as_of.day)
    known = gettext("as known on %(day)s") % {"day": day}
    blocks = (
        _outlooks(pack), pack_tables.rollup(pack), _measures(pack), _accuracy(pack),
        _changes(pack), pack_tables.moved(pack), _risks(pack), pack_tables.acts(pack),
        pack_tables.track(pack), pack_tables.worth(pack),
    )  # fmt: skip
    return Words(
        language=get_language() or "en",
        title=gettext("Pack %(period)s") % {"period": pack.period.name},
        finding=forecast_words.finding(pack.outlook.result, pack.outlook.target),
        running=f"{pack.company.name} · {scope} · {known} · {pack.period.name}",
        warning=gettext("Synthetic demo data") if pack.company.is_demo else "",
        blocks=tuple(block for block in blocks if block is not None),
        foot=gettext("For %(name)s. Figures follow what this person may see.")
        % {"name": pack.reader},
        page=gettext("Page"),
    )


# -- ranges ----------------------------------------------------------------------------------------


def _outlooks(pack: Pack) -> Block:
    currency = pack.company.currency
    headers = (
        gettext("Period"), gettext("Won"), gettext("Target"), gettext("Pessimistic (p10)"),
        gettext("Realistic (p50)"), gettext("Optimistic (p90)"), gettext("Track record"),
    )  # fmt: skip
    rows = [_outlook(item, currency) for item in pack.outlooks]
    periods = ", ".join(item.period.name for item in pack.outlooks)
    return Block(
        gettext("Where it is likely to land"),
        caption(pack, periods),
        headers,
        (LEFT, *[RIGHT] * 5, LEFT),
        [Group(rows)],
        note=gettext("Won is part of the range. Out of ten outcomes, eight should fall inside it."),
    )


def _outlook(item: Outlook, currency: str) -> tuple[str, ...]:
    row = item.result.total

    def amount(minor: float | None) -> str:
        return formats.money(minor, currency, 0)

    grain = {
        Grain.MONTH: gettext("Month"),
        Grain.QUARTER: gettext("Quarter"),
        Grain.YEAR: gettext("Year"),
    }.get(item.period.grain, "")
    return (
        f"{grain} {item.period.name}".strip(),
        amount(row.won_to_date),
        amount(item.target),
        amount(row.p10),
        amount(row.p50),
        amount(row.p90),
        _track(item),
    )


def _track(item: Outlook) -> str:
    row = item.result.total
    test, told = row.backtest, forecast_words.mark(row.status).label
    if not test.points:
        return told
    parts = [told]
    if test.coverage80 is not None:
        parts.append(
            gettext("%(share)s inside the range") % {"share": formats.percent(test.coverage80, 0)}
        )
    if test.wape is not None:
        parts.append(gettext("error %(share)s") % {"share": formats.percent(test.wape, 0)})
    counted = ngettext("%(n)s past origin", "%(n)s past origins", test.points)
    return "; ".join([*parts, counted % {"n": test.points}])


# -- measures --------------------------------------------------------------------------------------


def _measures(pack: Pack) -> Block:
    calendar, currency = pack.company.calendar, pack.company.currency
    names = (calendar.shift(pack.period, -1).name, calendar.year_ago(pack.period).name)
    general = gettext(
        "While the period runs, earlier ones count up to the same day. "
        "A change marked «noise» is no more than chance would give."
    )
    return Block(
        gettext("Measures"),
        caption(pack, pack.period.name),
        _measure_headers(pack.period.name, names),
        (LEFT, *[RIGHT] * 5),
        [Group([_measure(item, currency) for item in pack.measures])],
        note=" ".join([general, *_notes(pack.measures)]),
    )


def _accuracy(pack: Pack) -> Block:
    calendar, currency = pack.company.calendar, pack.company.currency
    about = pack.accuracy_period
    names = (calendar.shift(about, -1).name, calendar.year_ago(about).name)
    return Block(
        gettext("Forecast accuracy"),
        caption(pack, about.name),
        _measure_headers(about.name, names),
        (LEFT, *[RIGHT] * 5),
        [Group([_measure(item, currency) for item in pack.accuracy])],
        empty=gettext("Empty until a recorded or submitted forecast has come due."),
        note=" ".join(_notes(pack.accuracy)),
    )


def _measure_headers(now: str, earlier: tuple[str, str]) -> tuple[str, ...]:
    return (gettext("Measure"), now, earlier[0], gettext("Change"), earlier[1], gettext("Change"))


def _measure(item: MeasureHistory, currency: str) -> tuple[str, ...]:
    return (
        gettext(MEASURES[item.row.measure].label),
        _value(item.row, currency),
        *_compared(item, item.previous, currency),
        *_compared(item, item.year_ago, currency),
    )


def _notes(items: Sequence[MeasureHistory]) -> list[str]:
    """Return what is to be known of single measures, each sentence once with its measures."""
    said: dict[str, list[str]] = {}
    for item in items:
        if item.row.note is not None:
            label = gettext(MEASURES[item.row.measure].label)
            said.setdefault(metric_words.note(item.row.note), []).append(label)
    return [
        gettext("%(measures)s: %(note)s") % {"measures": ", ".join(labels), "note": note}
        for note, labels in said.items()
    ]


def _value(row: MeasureRow, currency: str) -> str:
    if row.value is None:
        return metric_words.interval(row, currency) or formats.UNKNOWN
    how = metric_words.format_of(row.measure)
    places = 0 if how.value == "money" else metric_words.decimals_of(row.measure)
    text = formats.write(row.value, how, currency, places)
    return f"{text}\u00a0×" if MEASURES[row.measure].unit is Unit.TIMES else text


def _compared(item: MeasureHistory, before: Compared, currency: str) -> tuple[str, str]:
    if before.row is None:
        return formats.UNKNOWN, ""
    change = change_of(item.row, before.row)
    if change is None or item.row.measure == "target":
        return _value(before.row, currency), ""
    how = change_format(MEASURES[item.row.measure].unit)
    text = formats.write_change(change, how, currency)
    return _value(before.row, currency), (
        f"{text} ({gettext('noise')})" if before.exceeds_noise is False else text
    )


# -- changes and risks -----------------------------------------------------------------------------


def _changes(pack: Pack) -> Block:
    asked, bridge, currency = pack.changes.request, pack.changes.total, pack.company.currency
    since, until = formats.day(asked.since.day), formats.day(asked.until.day)

    def amount(minor: int) -> str:
        return formats.money(minor, currency, 0)

    rows = [
        (gettext("Open on %(day)s") % {"day": since}, "", amount(bridge.opening)),
        *(
            (
                gettext(COMPONENT_LABELS[line.component]),
                formats.number(line.count, 0),
                amount(line.value),
            )
            for line in bridge.lines
        ),
        (gettext("Open on %(day)s") % {"day": until}, "", amount(bridge.closing)),
    ]
    about = gettext("all open deals") if asked.period is None else pack.period.name
    title = gettext("What changed since %(day)s") % {"day": since}
    return Block(
        title,
        caption(pack, about),
        (gettext("Open value expected in the period"), gettext("Deals"), gettext("Value")),
        (LEFT, RIGHT, RIGHT),
        [Group(rows)],
        note="" if bridge.lines else gettext("Nothing changed in that week."),
    )


def _risks(pack: Pack) -> Block:
    currency = pack.company.currency
    groups = [
        Group(
            [_risk(deal, currency) for deal in group],
            gettext(risks.REASONS[reason][0]),
            gettext(risks.REASONS[reason][1]),
        )
        for reason, group in risks.grouped(pack.deals)
    ]
    reason = (
        gettext("Your role sees totals, not single deals.")
        if pack.scope.aggregates_only
        else gettext("No open deal is overdue, silent or pushed.")
    )
    headers = (
        gettext("Deal"), gettext("Account"), gettext("Owner"), gettext("Also"),
        gettext("At stake"), gettext("Value"), gettext("Expected close"),
    )  # fmt: skip
    return Block(
        gettext("Top risks"),
        caption(pack, gettext("all open deals")),
        headers,
        (LEFT, LEFT, LEFT, LEFT, RIGHT, RIGHT, RIGHT),
        groups,
        empty=reason,
    )


def _risk(deal: RiskDeal, currency: str) -> tuple[str, ...]:
    also = [gettext(risks.REASONS[name][0]) for name in deal.reasons[1:]]
    if deal.is_big:
        also.append(gettext(risks.BIG_LABEL))
    return (
        deal.name,
        deal.account,
        deal.owner,
        " · ".join(also),
        formats.money(deal.revenue, currency, 0),
        formats.money(deal.value, currency, 0),
        formats.day(deal.close_date or None),
    )
