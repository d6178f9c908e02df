"""What changes of team, role, product or territory take off the ramp, as the page shows it."""

from __future__ import annotations

from django.utils.translation import gettext, pgettext

from perilune.planning.contracts import Change, Kept, Source
from perilune.planning.queries.capacity_laws import Laws
from perilune.planning.queries.chance_words import CHANGES
from perilune.planning.web.capacity_words import REASONS
from perilune.planning.web.plan_columns import percent
from perilune.ui.contracts import Column, Empty, Format, Row, Status, Table, Tone


def changes_kept(found: Laws) -> Table:
    """Return what each sort of change keeps of the ramp, where that comes from, and whom it meets.

    A sort that no record tells has no figures.
    """
    rows = []
    for change, law in found.rises.changes.items():
        is_told, seen = change in found.told, law.source is Source.LEARNT
        rows.append(
            Row(change.value, (
                gettext(CHANGES[change]),
                law.share if seen else None,
                law.low if seen else None,
                law.high if seen else None,
                law.changes if is_told else None,
                found.rises.rise.after(change) if is_told else None,
                found.restarted.get(change, 0) if is_told else None,
                _source(law, is_told=is_told, change=change),
            ))
        )  # fmt: skip
    number = {"format": Format.NUMBER, "decimals": 0}
    return Table(
        (
            Column("change", gettext("What changes"), is_title=True),
            percent("share", gettext("Kept in the quarter after")),
            percent("low", pgettext("interval", "from"), is_minor=True),
            percent("high", pgettext("interval", "to"), is_minor=True),
            Column("seen", gettext("Changes seen"), **number),  # type: ignore[arg-type]
            percent("first", gettext("Ramp goes on from")),
            Column("plan", gettext("Sellers of this plan"), **number),  # type: ignore[arg-type]
            Column("source", gettext("Source")),
        ),
        rows,
        gettext("What a change keeps of the ramp"),
        name="changes-kept",
        is_dense=True,
        note=gettext("Changes are seen with a half year before and a quarter after; under five of"
                     " them half is assumed. What is missing is taken off the capacity, the chances"
                     " and the quotas of this plan's sellers whose work changes in its year. New"
                     " accounts within a quarter of a change of team are a part of it."),
    )  # fmt: skip


def _source(law: Kept, *, is_told: bool, change: Change) -> Status:
    if not is_told and change is Change.PRODUCT:
        return Status(gettext("no record tells it: assignments name no product family"))
    if not is_told:
        return Status(gettext("no record tells it: no account is in a territory"))
    why = gettext(REASONS.get(law.reason, law.reason)) if law.reason else ""
    if law.source is not Source.LEARNT:
        return Status(gettext("assumed, not learnt: %(why)s") % {"why": why}, Tone.WATCH)
    if why:
        return Status(gettext("learnt: %(why)s") % {"why": why}, Tone.GOOD)
    return Status(gettext("learnt"), Tone.GOOD)


def changes_by_month(found: Laws) -> Table:
    """Return how many sellers changed what in each month of the last two years."""
    number = {"format": Format.NUMBER, "decimals": 0}
    told = [change for change in Change if change in found.told]
    rows = [
        Row(at, (day, *(people.get(change, 0) for change in told)))
        for at, (day, people) in enumerate(found.changes)
    ]
    return Table(
        (
            Column("month", gettext("Month from"), Format.DATE, is_title=True),
            *(Column(change.value, gettext(CHANGES[change]), **number)  # type: ignore[arg-type]
              for change in told),
        ),
        rows,
        gettext("Sellers whose work changed, last two years"),
        name="changes",
        is_dense=True,
        note=gettext("Absences are in the months of the capacity page, as FTE absent."),
        empty=Empty(gettext("Nobody's work changed in two years"), icon="users"),
    )  # fmt: skip
