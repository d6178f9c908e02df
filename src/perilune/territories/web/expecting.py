"""What open deals may bring, in the tables of a plan: columns that sum, and what they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext, ngettext

from perilune.territories.contracts import (
    NOTHING,
    Claim,
    Expected,
    PlanOutlook,
    Sheet,
    SheetRow,
)
from perilune.ui import formats
from perilune.ui.contracts import Column, Format, RangeBar, Status, Tone


def columns(outlook: PlanOutlook, currency: str, name: str = "") -> list[Column]:
    """Return the columns of what open deals may bring; none where nothing is claimed."""
    if outlook.total is None:
        return []

    def money(key: str, label: str, hint: str, *, is_minor: bool = True) -> Column:
        return Column(name + key, label, Format.MONEY, currency=currency, decimals=0, hint=hint,
                      is_minor=is_minor)  # fmt: skip

    return [
        money("p10", gettext("Open deals, near p10"),
              gettext("What its open deals bring where all of them are near their p10.")),
        money("p50", gettext("Open deals, near p50"),
              gettext("What its open deals bring where all of them are near their p50."),
              is_minor=False),
        money("p90", gettext("Open deals, near p90"),
              gettext("What its open deals bring where all of them are near their p90.")),
    ]  # fmt: skip


def cells(outlook: PlanOutlook, row: SheetRow | None) -> list[int | None]:
    """Return the cells of `columns`: contributions, which sum to the three figures of the total."""
    return near_cells(outlook, None if row is None else outlook.of(row.number, row.rep_id))


def summed_cells(outlook: PlanOutlook, numbers: Sequence[int | None]) -> list[int | None]:
    """Return the cells of `columns` for several territories: contributions sum."""
    if outlook.total is None:
        return []
    inside = [outlook.territories.get(number or 0, NOTHING).near for number in numbers]
    return [round(sum(values)) for values in zip(*inside, strict=True)] or [0, 0, 0]


def near_cells(outlook: PlanOutlook, found: Expected | None) -> list[int | None]:
    """Return the cells of `columns` for what is expected of something."""
    if outlook.total is None:
        return []
    return [None] * 3 if found is None else [round(value) for value in found.near]


def told(outlook: PlanOutlook) -> str:
    """Return what the columns say, of which days, as known when; or why nothing is claimed."""
    facts = {
        "known": formats.day(outlook.as_of.day),
        "first": formats.day(outlook.period.start),
        "last": formats.day(outlook.period.end),
        "until": formats.day(outlook.until),
    }
    if outlook.claim is not Claim.TOLD:
        return _unclaimed(outlook, facts)
    parts = [
        gettext(
            "Open deals: what those known on %(known)s bring from %(first)s to %(last)s, with the "
            "accounts where the plan puts them; deals not created yet are not in it."
        )
        % facts
    ]
    if outlook.until < outlook.period.end:
        parts.append(gettext("Chances reach as far as %(until)s.") % facts)
    parts.append(
        gettext(
            "The columns sum: what each row brings where all are near their p10, p50 or p90. Deals "
            "are won or not by chance alone: what hits all of them at once would widen the range."
        )
    )
    return " ".join([*parts, record(outlook)])


def record(outlook: PlanOutlook) -> str:
    """Return how such chances did before, in a sentence."""
    found = outlook.record
    score = found.score
    if score.log_loss is None or score.plain_log_loss is None or score.ece is None:
        return ""
    return gettext(
        "Track record: %(count)s chances to be won within %(window)s days, of %(weeks)s weeks: "
        "log-loss %(loss)s, against %(plain)s for one chance for all; off by %(ece)s on average."
    ) % {
        "count": formats.number(score.count, 0),
        "window": found.window,
        "weeks": len(found.days),
        "loss": formats.number(score.log_loss, 3),
        "plain": formats.number(score.plain_log_loss, 3),
        "ece": formats.percent(score.ece, 1),
    }


def _unclaimed(outlook: PlanOutlook, facts: dict[str, str]) -> str:
    """Return why nothing is claimed of open deals."""
    if outlook.claim is Claim.BEYOND:
        return gettext(
            "Nothing is said of open deals: chances of %(known)s reach as far as %(until)s, before "
            "the plan begins."
        ) % {**facts, "until": formats.day(outlook.until)}
    if outlook.claim is Claim.NO_MODEL:
        return (
            gettext(
                "Nothing is said of open deals: no model of chances is on record for %(known)s."
            )
            % facts
        )
    why = gettext("No skill, no claim: nothing is said of open deals.")
    if outlook.claim is Claim.NO_SKILL:
        return f"{why} {record(outlook)}"
    count = formats.number(outlook.record.score.count, 0)
    return f"{why} {gettext('Past chances that are scored: %(count)s.') % {'count': count}}"


def bar(outlook: PlanOutlook, sheet: Sheet, row: SheetRow) -> tuple[RangeBar | None, Sequence[str]]:
    """Return the range of a territory's own open deals, and what it stands on."""
    found = outlook.of(row.number, row.rep_id)
    if found is None:
        return None, [told(outlook)]
    deals = ngettext("%(n)s open deal", "%(n)s open deals", found.deals) % {
        "n": formats.number(found.deals, 0)
    }
    made = RangeBar(
        gettext("Open deals in the days of the plan"),
        found.p10,
        found.p50,
        found.p90,
        currency=sheet.currency,
        status=Status(deals, Tone.NEUTRAL),
    )
    said: list[Any] = [
        gettext("From %(first)s to %(last)s, as known on %(known)s. Ranges of rows do not sum; the "
                "columns of the table do.")
        % {
            "known": formats.day(outlook.as_of.day),
            "first": formats.day(outlook.period.start),
            "last": formats.day(min(outlook.until, outlook.period.end)),
        },
        record(outlook),
    ]  # fmt: skip
    return made, [one for one in said if one]
