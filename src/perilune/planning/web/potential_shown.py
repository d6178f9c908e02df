"""What pages show of account potential: the list, the measured error, the choice of the column."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext, ngettext, pgettext

from perilune.people.queries import reps_as_of
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import (
    SOURCE_LABELS,
    AccountPotential,
    PotentialSource,
    PotentialTest,
)
from perilune.planning.queries.potential import LIKE, OWN, SEGMENT_MEDIAN, Potentials
from perilune.planning.queries.segment_words import field_label, segment_label
from perilune.planning.web.plan_columns import money, percent
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Format, Kpi, Row, Status, Table, Tone


def source_status(source: PotentialSource) -> Status:
    """Return where a potential comes from, as a word; an estimate is marked as machine-made."""
    is_made = source in (PotentialSource.LIKE, PotentialSource.SEGMENT)
    return Status(gettext(SOURCE_LABELS[source]), Tone.MACHINE if is_made else Tone.NEUTRAL)


def likeness_words(found: Potentials) -> str:
    """Return what makes accounts alike: the likenesses that are used, the coarsest first."""
    words = (gettext("sector"), gettext("size"), gettext("country"))
    return ", ".join(words[at] for at in found.like.nesting)


def columns(currency: str) -> tuple[Column, ...]:
    """Return the columns of the list of accounts."""
    return (
        Column("account", gettext("Account"), is_title=True),
        Column("segment", gettext("Segment"), is_minor=True),
        Column("owner", gettext("Owner"), is_minor=True),
        money("potential", gettext("Potential"), currency),
        money("low", pgettext("interval", "from"), currency, is_minor=True),
        money("high", pgettext("interval", "to"), currency, is_minor=True),
        Column("source", gettext("Source")),
        money("booked", gettext("Bookings of twelve months"), currency),
        money("headroom", gettext("Headroom"), currency),
    )


def cells(request: PageRequest, rows: Sequence[AccountPotential]) -> list[tuple[object, ...]]:
    """Return the values of the list, in the order of the columns."""
    reps = reps_as_of(request.as_of)

    def owner(rep: int) -> str:
        return (reps.get(rep) or {}).get("name") or ""

    return [
        (
            one.name,
            segment_label(one.segment),
            owner(one.owner),
            one.minor,
            one.low,
            one.high,
            source_status(one.source),
            one.booked,
            one.headroom,
        )
        for one in rows
    ]


def figures(request: PageRequest, rows: Sequence[AccountPotential]) -> list[Kpi]:
    """Return the figures above the list, of the rows that the reader sees."""
    currency = request.company.currency
    known = [one for one in rows if one.minor is not None]
    stated = sum(one.source is PotentialSource.STATED for one in rows)
    booked = sum(one.booked for one in known)
    worth = sum(one.minor or 0 for one in known)
    text = ngettext("%(n)s stated, %(made)s estimated, %(unknown)s unknown",
                    "%(n)s stated, %(made)s estimated, %(unknown)s unknown", stated)  # fmt: skip
    facts = {
        "n": formats.number(stated, 0),
        "made": formats.number(len(known) - stated, 0),
        "unknown": formats.number(len(rows) - len(known), 0),
    }
    return [
        Kpi(gettext("Accounts"), len(rows), Format.NUMBER, decimals=0, detail=text % facts),
        Kpi(gettext("Potential of a year"), worth if known else None, Format.MONEY, currency, 1),
        Kpi(gettext("Headroom"), sum(one.headroom or 0 for one in known) if known else None,
            Format.MONEY, currency, 1, detail=gettext("potential less bookings, by account")),
        Kpi(gettext("Share of potential booked"), booked / worth if worth else None,
            Format.PERCENT, decimals=0),
    ]  # fmt: skip


def finding(found: Potentials) -> str:
    """Return what the potential rests on, and how far off it was."""
    tests = {test.method: test for test in found.tests}
    used = tests.get(SEGMENT_MEDIAN if found.by_segment.any() else LIKE)
    if not found.said.is_estimated.any():
        return gettext("Nothing is estimated: %(why)s.") % {"why": reason(found)}
    if used is None:
        return gettext("Estimated from like accounts; the error is not measured yet, as two years "
                       "of bookings are not known.")  # fmt: skip
    facts = {"factor": formats.number(used.factor, 1), "inside": formats.percent(used.inside, 0)}
    if found.by_segment.any():
        return gettext("The median of the segment erred less than like accounts did and is shown: "
                       "off by a factor of %(factor)s on average, %(inside)s inside the range "
                       "(80 %% expected).") % facts  # fmt: skip
    return gettext("Estimated from like accounts: off by a factor of %(factor)s on average, "
                   "%(inside)s inside the range (80 %% expected).") % facts  # fmt: skip


def reason(found: Potentials) -> str:
    """Return why nothing is estimated."""
    if found.like.reason == "no better than the plain mean":
        return gettext("like accounts tell held-out ones no better than the plain mean")
    return gettext("too few accounts with bookings")


def tests_table(found: Potentials) -> Table:
    """Return how each method did over the year that ended at the as-of."""
    names = {
        LIKE: gettext("Like accounts (%(likeness)s)") % {"likeness": likeness_words(found)},
        SEGMENT_MEDIAN: gettext("Median of the segment (naive)"),
        f"{LIKE}:{OWN}": gettext("Had booked before: like accounts"),
        OWN: gettext("Had booked before: the same again"),
    }
    rows = [Row(at, _test(names[test.method], test)) for at, test in enumerate(found.tests)]
    return Table(
        (
            Column("method", gettext("Estimated a year before by"), is_title=True),
            Column("accounts", gettext("Accounts"), Format.NUMBER, decimals=0),
            Column("factor", gettext("Off by a factor of"), Format.NUMBER, decimals=2),
            percent("inside", gettext("Inside the range")),
            percent("ratio", gettext("Sum estimated to sum booked"), is_minor=True),
        ),
        rows,
        gettext("Against what was booked in the year after"),
        name="potential-tests",
        is_dense=True,
        note=gettext(
            "Accounts that booked in that year; the estimate knew nothing of it. A factor of 2 "
            "means half or twice as much."
        ),
        empty=Empty(
            gettext("Not measured yet"),
            gettext("It takes two whole years of bookings."),
            icon="history",
        ),
    )


def _test(name: str, test: PotentialTest) -> tuple[object, ...]:
    return (name, test.accounts, test.factor, test.inside, test.ratio)


def panel_facts(
    request: PageRequest, found: Potentials, one: AccountPotential
) -> dict[str, object]:
    """Return what the record of an account shows: potential, range, source, room."""
    currency = request.company.currency
    span = ""
    if one.low is not None and one.high is not None:
        span = gettext("%(low)s to %(high)s in 8 of 10 cases") % {
            "low": formats.short_money(one.low, currency),
            "high": formats.short_money(one.high, currency),
        }  # fmt: skip
    why = {
        PotentialSource.STATED: gettext("Stated in “%(field)s”.")
        % {"field": field_label(found.field) if found.field else ""},
        PotentialSource.LIKE: _rests(one, likeness_words(found)),
        PotentialSource.SEGMENT: _rests(one, gettext("segment")),
        PotentialSource.UNKNOWN: gettext("Unknown: %(why)s.") % {"why": _unknown(found)},
    }[one.source]
    return {
        "potential": formats.short_money(one.minor, currency) if one.minor is not None else "–",
        "span": span,
        "source": source_status(one.source),
        "why": why,
        "booked": formats.short_money(one.booked, currency),
        "headroom": formats.short_money(one.headroom, currency)
        if one.headroom is not None
        else "–",
        "segment": segment_label(one.segment),
        "more_url": reverse("planning:potential"),
    }


def _rests(one: AccountPotential, likeness: str) -> str:
    text = ngettext(
        "What %(n)s account of the same %(likeness)s books in a year.",
        "What %(n)s accounts of the same %(likeness)s book in a year.",
        one.like,
    )
    return text % {"n": formats.number(one.like, 0), "likeness": likeness}


def _unknown(found: Potentials) -> str:
    if found.like.reason:
        return reason(found)
    return gettext("nothing of it says which accounts it is like (%(likeness)s)") % {
        "likeness": likeness_words(found)
    }
