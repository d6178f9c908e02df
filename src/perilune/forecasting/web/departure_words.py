"""Departures in words: what happens, where it stands, and what changes when."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.utils.translation import gettext, ngettext

from perilune.forecasting.contracts.departures import (
    STANDING_LABELS,
    Departure,
    Follows,
    Going,
    Handed,
    Standing,
    Terms,
)
from perilune.people.contracts import QUOTA_LEVELS
from perilune.people.queries import company as current_company
from perilune.people.queries import person_names, teams_as_of
from perilune.ui import formats
from perilune.ui.contracts import Status, Tone

TONES = {
    Standing.DRAFT: Tone.NEUTRAL,
    Standing.PLANNED: Tone.WATCH,
    Standing.ACTIVE: Tone.GOOD,
    Standing.OVER: Tone.NEUTRAL,
    Standing.CANCELLED: Tone.NEUTRAL,
}
ICONS = {Going.LEAVE: "log-out", Going.ABSENCE: "calendar-range", Going.MOVE: "arrow-right"}


def sentence(found: Departure) -> str:
    """Return what happens, in one sentence."""
    terms = found.terms
    told = {"rep": found.rep, "first": day_text(terms.first_day), "last": day_text(terms.last_day)}
    if terms.day is None:
        return gettext("%(rep)s: the day is not chosen yet.") % told
    if terms.going is Going.LEAVE:
        return gettext("%(rep)s: last day %(last)s.") % told
    if terms.going is Going.MOVE:
        team = teams_as_of(current_company().today).get(terms.team_id or 0, {})
        return gettext("%(rep)s sells in the team %(team)s from %(first)s on.") % (
            told | {"team": team.get("name") or "—"}
        )
    part = "" if terms.fte >= 1 else f" ({formats.number(terms.fte, 2)} {gettext('FTE')})"
    if terms.last_day is None:
        return gettext("%(rep)s is absent from %(first)s on%(part)s.") % (told | {"part": part})
    return gettext("%(rep)s is absent from %(first)s to %(last)s%(part)s.") % (
        told | {"part": part}
    )


def day_text(day: object) -> str:
    """Return a day as the reader writes it; a dash for none."""
    return formats.day(day) if day else "—"  # type: ignore[arg-type]


def status(found: Departure) -> Status:
    """Return where a departure stands; told to all is said."""
    if found.standing is Standing.PLANNED and found.told_set_id is not None:
        return Status(gettext("Planned, told to all"), Tone.WATCH)
    return Status(gettext(STANDING_LABELS[found.standing]), TONES[found.standing])


def circle(found: Departure, actor: str) -> str:
    """Return who sees it."""
    if found.told_set_id is not None or found.standing in (Standing.ACTIVE, Standing.OVER):
        return gettext("on record for all")
    known = person_names()
    others = [known.get(name, name) for name in found.shared_with]
    if found.author != actor:
        others = [known.get(found.author, found.author), *others]
    return ", ".join(others) if others else gettext("only me")


def changes(found: Follows) -> Iterator[tuple[object, str, str]]:
    """Give (day, what, in figures) of everything that changes, in order of days."""
    terms = found.departure.terms
    day = terms.day
    yield from _dates(found.departure, day)
    yield from _handed(found, day)
    if found.quotas:
        count = ngettext(
            "%(n)s quota: a new letter is needed", "%(n)s quotas: new letters are needed",
            len(found.quotas),
        )  # fmt: skip
        yield day, gettext("Quota prorated"), count % {"n": len(found.quotas)}
    if found.reports:
        to = found.reports_to or gettext("nobody: choose a manager")
        led = ", ".join(found.reports)
        yield (
            day,
            gettext("People led"),
            gettext("%(led)s report to %(to)s") % {"led": led, "to": to},
        )
    yield from _access(found, day)
    if found.mitigations or found.drafts:
        waiting = [
            ngettext("%(n)s risk taken on", "%(n)s risks taken on", found.mitigations)
            % {"n": found.mitigations},
            ngettext("%(n)s territory plan", "%(n)s territory plans", found.drafts)
            % {"n": found.drafts},
        ]
        counts = (found.mitigations, found.drafts)
        told = ", ".join(text for text, count in zip(waiting, counts, strict=True) if count)
        yield None, gettext("Waits on them, to be handed over by hand"), told
    if terms.going is Going.ABSENCE and terms.gives_back and terms.hands_over and terms.last_day:
        back = terms.last_day + timedelta(days=1)
        yield back, gettext("Given back"), gettext("What the interim holders still hold")


def _dates(found: Departure, day: object) -> Iterator[tuple[object, str, str]]:
    terms = found.terms
    if terms.going is Going.LEAVE:
        yield terms.last_day, gettext("Last day"), gettext("Assignments end; seats become vacant")
    elif terms.going is Going.ABSENCE:
        yield day, gettext("Absence"), gettext("Dates and FTE, without a reason")
    else:
        yield day, gettext("New team"), sentence(found)
        if terms.product_family:
            yield day, gettext("Product family sold"), terms.product_family
        if terms.ramp_days and terms.ramp_loss:
            told = {"days": terms.ramp_days, "loss": formats.percent(terms.ramp_loss, 0)}
            yield (
                day, gettext("Ramp restarts in part"),
                gettext("%(loss)s less at first, none after %(days)s days") % told,
            )  # fmt: skip


def _handed(found: Follows, day: object) -> Iterator[tuple[object, str, str]]:
    terms = found.departure.terms
    currency = current_company().currency
    going = [one for one in found.accounts if one.to]
    if going:
        text = ngettext(
            "%(n)s of %(all)s account", "%(n)s of %(all)s accounts", len(found.accounts)
        )
        yield day, gettext("Accounts handed over"), text % _counts(going, found.accounts)
    moved = [one for one in found.deals if one.to]
    if moved:
        yield day, gettext("Open deals handed over"), _valued(moved, currency)
    stays = [one for one in found.deals if one.is_commit and not one.to]
    if stays and terms.keeps_commit:
        text = _valued(stays, currency)
        if terms.going is Going.LEAVE:
            text += " · " + gettext("nobody is there to close them")
        yield None, gettext("Deals in commit stay until they close"), text
    if found.tasks:
        text = ngettext("%(n)s task", "%(n)s tasks", found.tasks) % {"n": found.tasks}
        yield day, gettext("Open tasks handed over"), text


def _counts(some: Sequence[Handed], whole: Sequence[Handed]) -> dict[str, int]:
    return {"n": len(some), "all": len(whole)}


def _valued(deals: Sequence[Handed], currency: str) -> str:
    value = sum(one.value or 0 for one in deals)
    text = ngettext("%(n)s deal, %(value)s", "%(n)s deals, %(value)s", len(deals))
    return text % {"n": len(deals), "value": formats.short_money(value, currency)}


def _access(found: Follows, day: object) -> Iterator[tuple[object, str, str]]:
    if found.username:
        told = ngettext(
            "%(user)s: sessions end, %(n)s token is revoked; mail and alerts stop",
            "%(user)s: sessions end, %(n)s tokens are revoked; mail and alerts stop",
            found.tokens,
        )
        yield day, gettext("Access closed"), told % {"user": found.username, "n": found.tokens}


def by_taker(found: Follows) -> list[tuple[str, int, int, int]]:
    """Return (who, accounts, deals, value of the deals), the most first; last what stays."""
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for one in found.accounts:
        sums[one.to_name][0] += 1
    for one in found.deals:
        sums[one.to_name][1] += 1
        sums[one.to_name][2] += one.value or 0
    rows = [(name, *(at[0], at[1], at[2])) for name, at in sums.items()]
    return sorted(rows, key=lambda row: (not row[0], -row[3], -row[1], row[0]))


def level_text(level: str) -> str:
    """Return the reader's word for a level of quota (rule 29)."""
    return gettext(dict(QUOTA_LEVELS).get(level, level))


def verb_text(verb: str) -> str:
    """Return what was done, for the log."""
    return {
        "begin": gettext("Begun"),
        "change": gettext("Changed"),
        "confirm": gettext("Planned"),
        "tell": gettext("Told to all"),
        "share": gettext("Sharing changed"),
        "cancel": gettext("Taken back"),
        "activate": gettext("Put in force"),
    }.get(verb, verb)


def new_terms_title(terms: Terms, rep: str) -> str:
    """Return the title of the guide for somebody."""
    return {
        Going.LEAVE: gettext("Departure of %(rep)s"),
        Going.ABSENCE: gettext("Long absence of %(rep)s"),
        Going.MOVE: gettext("Change of team of %(rep)s"),
    }[terms.going] % {"rep": rep}
