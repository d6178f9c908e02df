"""What the pages of the segmentation show: figures by segment, staffing, versions, what moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.forms import SELLING_ROLES
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import (
    CHANNEL_LABELS,
    SEGMENT_STATE_LABELS,
    Evidence,
    Segmentation,
    SegmentField,
    SegmentPreview,
    SegmentState,
    Staffing,
)
from perilune.planning.engine.segmenting import FEWEST_DEALS
from perilune.planning.queries.segment_words import rule_sentence, segment_label
from perilune.planning.queries.segments import SegmentsSeen
from perilune.planning.web.plan_columns import money, percent
from perilune.planning.web.shown import ShownEdit
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Cell,
    Chart,
    Column,
    Empty,
    Format,
    Kpi,
    Link,
    Row,
    Status,
    Table,
    Tone,
)

_TONES = {
    SegmentState.SUBMITTED: Tone.WATCH,
    SegmentState.REJECTED: Tone.ACT,
}


def may_change(request: PageRequest) -> bool:
    """Tell whether the page offers verbs: to who sees all accounts, on the present."""
    is_now = request.as_of.day >= request.company.today.day
    return is_now and request.scope.owners is None and Right.MAKE_PLANS in request.rights


def state_of(found: Segmentation) -> Status:
    """Return where a version stands, as a word."""
    if found.is_in_force:
        return Status(gettext("in force"), Tone.GOOD)
    if found.run is not None:
        return Status(gettext("superseded"))
    tone = _TONES.get(found.state, Tone.NEUTRAL)
    return Status(gettext(SEGMENT_STATE_LABELS[found.state]), tone)


def kpis(request: PageRequest, seen: SegmentsSeen) -> list[Kpi]:
    """Return the four figures above the table."""
    currency = request.company.currency
    booked = sum(one.booked for one in seen.figures)
    worked = sum(one.worked for one in seen.figures)
    known = [one.potential for one in seen.figures if one.potential is not None]
    room = sum(one.headroom or 0 for one in seen.figures)
    unknown = sum(one.unknown for one in seen.figures)
    without = ngettext("%(n)s account unknown", "%(n)s accounts unknown", unknown)
    text = ngettext("%(n)s without a segment", "%(n)s without a segment", seen.unsegmented)
    return [
        Kpi(gettext("Accounts"), seen.accounts, Format.NUMBER, decimals=0,
            detail=text % {"n": formats.number(seen.unsegmented, 0)}),
        Kpi(gettext("Coverage"), worked / seen.accounts if seen.accounts else None,
            Format.PERCENT, decimals=0,
            detail=gettext("an open deal, or an activity within twelve months")),
        Kpi(gettext("Bookings of twelve months"), booked, Format.MONEY, currency, 1),
        Kpi(gettext("Headroom"), room if known else None, Format.MONEY, currency, 1,
            detail=gettext("of a potential of %(potential)s; %(unknown)s") % {
                "potential": formats.short_money(sum(known), currency),
                "unknown": without % {"n": formats.number(unknown, 0)},
            }, url=reverse("planning:potential")),
    ]  # fmt: skip


def figures(
    request: PageRequest, seen: SegmentsSeen, *, name: str = "segments", export: bool = False
) -> Table:
    """Return what is known of each segment; rule 13: under twenty deals the interval alone."""
    notes = [
        gettext(
            "Win rate of deals closed within two years, from the qualified stage on; under %(n)s "
            "deals the interval replaces it. Bookings of twelve months, at budget rates."
        )
        % {"n": FEWEST_DEALS}
    ]
    if seen.without_rate:
        text = ngettext(
            "%(n)s deal has no rate and is in no amount.",
            "%(n)s deals have no rate and are in no amount.",
            seen.without_rate,
        )
        notes.append(text % {"n": formats.number(seen.without_rate, 0)})
    can = export and Right.EXPORT_DATA in request.rights
    links = [Link("Excel", reverse("planning:segments_export"))] if can else []
    return Table(
        figure_columns(request.company.currency),
        [Row(at, row) for at, row in enumerate(figure_rows(seen))],
        gettext("Segments"),
        name=name,
        is_dense=True,
        note=" ".join(notes),
        export_urls=links,
        empty=Empty(gettext("No accounts yet"), icon="building-2"),
    )


def figure_columns(currency: str) -> tuple[Column, ...]:
    """Return the columns of the figures by segment."""
    return (
        Column("segment", gettext("Segment"), is_title=True),
        Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
        percent("coverage", gettext("Coverage")),
        percent("win_rate", gettext("Win rate")),
        Column("interval", gettext("95 % interval"), is_minor=True),
        Column("cycle", gettext("Cycle"), Format.DAYS, decimals=0,
               hint=gettext("Median days from creation to the win")),
        money("deal", gettext("Median deal"), currency),
        money("booked", gettext("Bookings"), currency),
        percent("share", gettext("Share of bookings")),
        money("potential", gettext("Potential"), currency),
        money("headroom", gettext("Headroom"), currency),
    )  # fmt: skip


def figure_rows(seen: SegmentsSeen) -> list[tuple[object, ...]]:
    """Return the figures by segment, in the order of the columns."""
    return [
        (
            segment_label(one.name),
            one.evidence.accounts,
            one.coverage,
            rate(one.evidence),
            interval(one.evidence),
            one.evidence.cycle,
            one.evidence.deal_minor,
            one.booked,
            one.share,
            one.potential,
            one.headroom,
        )
        for one in seen.figures
    ]


def rate(told: Evidence) -> float | None:
    """Return a win rate where there are deals enough to claim one."""
    return told.win_rate if told.closed >= FEWEST_DEALS else None


def interval(told: Evidence) -> str:
    """Return the interval of a win rate as people write it."""
    if told.win_low is None or told.win_high is None:
        return ""
    return gettext("%(low)s to %(high)s") % {
        "low": formats.percent(told.win_low, 0), "high": formats.percent(told.win_high, 0),
    }  # fmt: skip


def shares_chart(seen: SegmentsSeen) -> Chart:
    """Return where accounts, bookings and headroom lie: three bars of 100 %."""
    names = [gettext("Headroom"), gettext("Bookings"), gettext("Accounts")]
    totals = [
        sum(one.headroom or 0 for one in seen.figures),
        sum(one.booked for one in seen.figures),
        seen.accounts,
    ]
    rows, series = [], []
    for at, one in enumerate(seen.figures):
        parts = (one.headroom or 0, one.booked, one.evidence.accounts)
        shares = [part / whole if whole else 0 for part, whole in zip(parts, totals, strict=True)]
        label = segment_label(one.name)
        rows.append(Row(at, (label, *reversed(shares))))
        series.append(
            {"type": "bar", "stack": "whole", "name": label, "barWidth": 22,
             "data": [round(share, 4) for share in shares],
             "itemStyle": {"color": f"token:cat-{at % 8 + 1}" if one.name else "token:ink-3"}}
        )  # fmt: skip
    return Chart(
        "segment-shares",
        gettext("Where accounts, bookings and headroom lie"),
        {
            "legend": {},
            "xAxis": {"type": "value", "max": 1},
            "yAxis": {"type": "category", "data": names},
            "series": series,
        },
        format=Format.PERCENT,
        table=Table(
            (
                Column("segment", gettext("Segment"), is_title=True),
                percent("accounts", gettext("Accounts")),
                percent("booked", gettext("Bookings")),
                percent("headroom", gettext("Headroom")),
            ),
            rows,
            gettext("Where accounts, bookings and headroom lie"),
            name="segment-shares-table",
        ),
    )


def staffing_table(seen: SegmentsSeen) -> Table:
    """Return how each segment is sold to, and how far today's staffing is from it."""
    rows = [Row(at, _staffed(one)) for at, one in enumerate(seen.staffing)]
    return Table(
        (
            Column("segment", gettext("Segment"), is_title=True),
            Column("channel", gettext("Channel")),
            Column("role", gettext("Selling role")),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            Column("unheld", gettext("Without an owner"), Format.NUMBER, decimals=0,
                   is_minor=True),
            Column("ratio", gettext("Accounts per rep"), Format.NUMBER, decimals=0),
            Column("needed", gettext("FTE needed"), Format.NUMBER, decimals=1),
            Column("there", gettext("FTE today"), Format.NUMBER, decimals=1),
            Column("now", gettext("Accounts per FTE today"), Format.NUMBER, decimals=0,
                   is_minor=True),
            Column("gap", gettext("FTE lacking"), Format.NUMBER, decimals=1),
        ),
        rows,
        gettext("Go-to-market and staffing"),
        name="segment-staffing",
        is_dense=True,
        note=gettext(
            "A rep counts in each segment by the share of the accounts they hold that are in it; "
            "below zero: more than the ratio asks for."
        ),
        empty=Empty(gettext("No segment yet"), icon="users"),
    )  # fmt: skip


def _staffed(one: Staffing) -> tuple[object, ...]:
    market, gap = one.market, one.gap
    tone = Tone.NEUTRAL if gap is None or gap < 0.5 else Tone.WATCH
    return (
        market.segment,
        gettext(CHANNEL_LABELS[market.channel]),
        str(dict(SELLING_ROLES).get(market.role, market.role)),
        one.accounts,
        one.unheld,
        market.accounts_per_rep,
        one.needed,
        one.there,
        one.accounts / one.there if one.there else None,
        Cell(gap, tone=tone),
    )


def versions(found: Sequence[Segmentation]) -> Table:
    """Return the versions with who made and approved them, and when they were applied."""
    named = person_names()
    rows = [
        Row(
            one.id,
            (
                one.name,
                one.number,
                state_of(one),
                len(one.segments),
                named.get(one.author, one.author),
                one.made_at,
                _checked_by(one, named),
                one.run.day if one.run else None,
            ),
            url=reverse("planning:segmentation", args=[one.id]),
        )
        for one in found
        if one.state is not SegmentState.ARCHIVED
    ]
    return Table(
        (
            Column("name", gettext("Name"), is_title=True),
            Column("number", gettext("Version"), Format.NUMBER, decimals=0),
            Column("state", gettext("State")),
            Column("segments", gettext("Segments"), Format.NUMBER, decimals=0, is_minor=True),
            Column("author", gettext("Author"), is_minor=True),
            Column("made", gettext("Made"), Format.INSTANT, is_minor=True),
            Column("checker", gettext("Approved by"), is_minor=True),
            Column("day", gettext("Applied on"), Format.DATE),
        ),
        rows,
        gettext("Versions of the segmentation"),
        name="segment-versions",
        empty=Empty(
            gettext("No version yet"),
            gettext("A version holds the rules that say each account's segment."),
            icon="tag",
        ),
    )


def _checked_by(one: Segmentation, named: Mapping[str, str]) -> str:
    if one.state is not SegmentState.APPROVED:
        return ""
    who = named.get(one.checked_by, one.checked_by)
    return gettext("%(who)s (self-approved)") % {"who": who} if one.is_self_approved else who


# -- one version -----------------------------------------------------------------------------------


def rules(
    found: Segmentation, fields: Mapping[str, SegmentField], currency: str, *, may: bool
) -> list[ShownEdit]:
    """Return the rules in order as sentences, with their verbs where they may be changed."""
    last = len(found.rules.rules) - 1
    shown = []
    for place, rule in enumerate(found.rules.rules):
        where = [found.id, place]
        address = reverse("planning:segment_rule_change", args=where)
        facts = {
            "segment": rule.segment, "rule": rule_sentence(rule, fields, currency),
        }  # fmt: skip

        def verb(label: str, name: str, icon: str, why: str = "", to: str = address) -> Action:
            values = {"edition": str(found.edition), "verb": name}
            return Action(label, to, "post", icon, values=values, refused=why)

        first, end = gettext("It is the first one."), gettext("It is the last one.")
        verbs = [
            verb(gettext("Up"), "up", "arrow-up", first if place == 0 else ""),
            verb(gettext("Down"), "down", "arrow-down", end if place == last else ""),
            verb(gettext("Remove"), "remove", "trash-2"),
        ]
        shown.append(
            ShownEdit(
                id=place,
                icon="tag",
                label=rule.segment,
                sentence=rule.segment
                if rule.segment == facts["rule"]
                else gettext("%(segment)s: %(rule)s") % facts,
                is_open=False,
                url=reverse("planning:segment_rule", args=where) if may else "",
                actions=verbs if may else (),
            )
        )
    return shown


def shifts_table(preview: SegmentPreview, currency: str) -> Table:
    """Return what applying would move, from where to where."""
    moved = preview.moved
    rows = [
        Row(at, (segment_label(one.before), segment_label(one.after), one.accounts,
                 one.pipeline, one.booked))
        for at, one in enumerate(moved)
    ]  # fmt: skip
    stays = preview.accounts - preview.changed
    text = ngettext("%(n)s account stays as it is.", "%(n)s accounts stay as they are.", stays)
    return Table(
        (
            Column("before", gettext("From"), is_title=True),
            Column("after", gettext("To")),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            money("pipeline", gettext("Open pipeline"), currency),
            money("booked", gettext("Bookings"), currency),
        ),
        rows,
        gettext("What applying moves"),
        name="segment-shifts",
        totals=(None, None, preview.changed, sum(one.pipeline for one in moved),
                sum(one.booked for one in moved)),
        total_label=gettext("Accounts that move"),
        is_dense=True,
        note=text % {"n": formats.number(stays, 0)},
        empty=Empty(
            gettext("Nothing moves"),
            gettext("Every account is in the segment that the rules say."),
            icon="check",
        ),
    )  # fmt: skip
