"""What the pages of departures share: headers, actions, the parts of the preview."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.forecasting import queries
from perilune.forecasting.contracts.departures import (
    Departure,
    Follows,
    Going,
    Standing,
)
from perilune.forecasting.contracts.scenarios import ScenarioResult
from perilune.forecasting.web import departure_tables as tables
from perilune.forecasting.web import departure_words, scenario_shown, words
from perilune.forecasting.web.departure_steps import tabs_of
from perilune.people.contracts import Right
from perilune.people.queries import person_names, reps_as_of
from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import Absence, Leave, Scenario
from perilune.ui.contracts import (
    Action,
    Empty,
    Format,
    Kpi,
    Link,
    PageHeader,
    RangeBar,
    Timeline,
    TimelineEvent,
)
from perilune.ui.filters import scope_label


def privacy() -> str:
    """Return who sees what is planned, for every page of the guide (rule 24)."""
    return gettext(
        "Private: until its day, or until you tell it to all, only you and those you share it "
        "with by name see this. It is in no list, search, journal, capacity or forecast of others."
    )


def count_text(found: Sequence[Departure]) -> str:
    """Return how many are planned, as the list's finding."""
    count = sum(1 for one in found if one.standing is Standing.PLANNED)
    if not count:
        return ""  # the empty list says so
    return ngettext("%(n)s is planned.", "%(n)s are planned.", count) % {"n": count}


def edition_of(request: PageRequest) -> int | None:
    """Return the edition that a posted change was made on."""
    text = request.POST.get("edition", "")
    return int(text) if text.isdigit() else None


def header_of(request: PageRequest, found: Departure, *, is_plain: bool = False) -> PageHeader:
    """Return the header of a departure: what happens, where it stands, what can be done."""
    may = found.author == request.actor and Right.MANAGE_PEOPLE in request.rights
    is_now = request.as_of.day >= request.company.today.day
    editable = may and is_now and found.is_open and found.told_set_id is None
    return PageHeader(
        departure_words.new_terms_title(found.terms, found.rep),
        finding=departure_words.sentence(found),
        statuses=(departure_words.status(found),),
        actions=_verbs(found) if may and is_now and not is_plain else (),
        tabs=tabs_of(found, "" if is_plain else "preview") if editable else (),
        back=Link(gettext("Departures"), reverse("departures:index")),
    )


def _verbs(found: Departure) -> list[Action]:
    def verb(name: str, label: str, **more: Any) -> Action:
        address = reverse("departures:act", args=[found.id, name])
        return Action(label, address, "post", values={"edition": str(found.edition)}, **more)

    day = departure_words.day_text(found.terms.day)
    share = Action(gettext("Share by name"), reverse("departures:share", args=[found.id]),
                   icon="users")  # fmt: skip
    keep = verb("scenario", gettext("Keep as a scenario"), icon="git-compare")
    back = gettext("Take back")
    if found.standing is Standing.DRAFT:
        label = gettext("Plan for %(day)s") % {"day": day}
        return [
            verb("discard", gettext("Throw away"), icon="trash-2"), keep, share,
            verb("confirm", label, is_primary=True,
                 consequence=gettext("Written on its day; until then only your circle sees it.")),
        ]  # fmt: skip
    if found.standing is Standing.PLANNED:
        told = gettext("Puts the dates in force; accounts follow on the day.")
        tell = verb("tell", gettext("Tell all now"), icon="megaphone", consequence=told)
        first = () if found.told_set_id is not None else (tell,)
        return [keep, share, *first, verb("take-back", back, icon="undo-2", is_primary=True)]
    if found.standing is Standing.CANCELLED:
        return [verb("plan-again", gettext("Plan again"), icon="undo-2")]
    rolls = gettext("Rolls back what was written; later edits stand.")
    return [verb("take-back", back, icon="undo-2", consequence=rolls)]


def undo_of(verb: str, before: Departure) -> str:
    """Return the address that takes a verb back, or nothing."""
    opposite = {"confirm": "take-back", "plan-again": "take-back"}
    if verb == "take-back" and before.standing is Standing.PLANNED:
        return reverse("departures:act", args=[before.id, "plan-again"])
    name = opposite.get(verb)
    return reverse("departures:act", args=[before.id, name]) if name else ""


def preview(request: PageRequest, found: Follows) -> dict[str, Any]:
    """Return the parts of the preview; where the reader's scope does not hold the rep, why not."""
    if found.refused:
        return {"refused": Empty(gettext(found.refused), icon="users")}
    wrong = [gettext(one.message) % one.params for one in found.problems]
    address = reverse("departures:forecast", args=[found.departure.id])
    return {
        "wrong": wrong,
        "kpis": _kpis(found, request.company.currency),
        "changes": tables.changes(found),
        "takers": tables.takers(found),
        "deals": tables.deals(found),
        "accounts": tables.accounts(found),
        "quotas": tables.quotas(found) if found.quotas else None,
        "capacity": tables.capacity(found),
        "forecast_url": address,
        "scope": scope_label(found.scope_label),
    }


def _kpis(found: Follows, currency: str) -> list[Kpi]:
    going = [one for one in found.deals if one.to]
    stays = [one for one in found.deals if not one.to]
    value = sum(one.value or 0 for one in going)
    held = sum(one.value or 0 for one in stays)
    moved = max(found.capacity, key=lambda one: abs(one.after - one.before), default=None)
    deals = ngettext("%(n)s open deal", "%(n)s open deals", len(going)) % {"n": len(going)}
    kept = ngettext("%(n)s open deal", "%(n)s open deals", len(stays)) % {"n": len(stays)}
    accounts = [one for one in found.accounts if one.to]
    return [
        Kpi(gettext("Accounts handed over"), len(accounts), decimals=0),
        Kpi(gettext("Deals handed over"), value, Format.MONEY, currency=currency, detail=deals),
        Kpi(gettext("Deals that stay"), held, Format.MONEY, currency=currency, detail=kept),
        Kpi(gettext("FTE of the team, change"), moved.after - moved.before if moved else None,
            decimals=2, detail=f"{moved.team} · {moved.period.name}" if moved else ""),
    ]  # fmt: skip


def forecast_facts(result: ScenarioResult, top: float) -> dict[str, Any]:
    """Return what the forecast part shows of one period."""
    named = (
        (gettext("Before"), result.total.base),
        (gettext("After"), result.total.scenario),
    )
    bars = [
        RangeBar(
            f"{result.period.name} · {label}", span.p10, span.p50, span.p90,
            won=result.won_to_date, currency=result.currency, top=top,
        )
        for label, span in named
        if span is not None
    ]  # fmt: skip
    if result.total.base == result.total.scenario:
        bars = bars[:1]
    return {"sentence": departure_effect(result), "bars": bars}


def forecast_notes(results: Sequence[ScenarioResult]) -> list[str]:
    """Return what the answers stand on and what they leave out, each once."""
    notes = [words.note(note) for one in results for note in one.notes]
    notes += [words.note(item.why) for one in results for item in one.unapplied]
    return list(dict.fromkeys(notes))


def departure_effect(result: ScenarioResult) -> str:
    """Return what the period loses or gains by it, on average."""
    change = result.total.delta
    if change is None:
        return gettext("No range for %(period)s.") % {"period": result.period.name}
    if not any((change.p10, change.p90, change.mean)):
        return gettext("%(period)s: no change.") % {"period": result.period.name}
    told = {
        "period": result.period.name,
        "mean": scenario_shown.signed(change.mean, result.currency),
        "low": scenario_shown.signed(change.p10, result.currency),
        "high": scenario_shown.signed(change.p90, result.currency),
    }
    return gettext("%(period)s: %(mean)s on average, from %(low)s to %(high)s.") % told


def log_of(request: PageRequest, found: Departure) -> Timeline:
    """Return what was done with it, the latest first."""
    known = person_names()
    return Timeline(
        [
            TimelineEvent(at, departure_words.verb_text(verb), known.get(actor, actor))
            for at, actor, verb in queries.departure_log(found.id, request.actor)
        ]
    )


def over(request: PageRequest, found: Departure) -> Empty:
    """Return what is left to see of what is in force, over or taken back."""
    if found.standing is Standing.CANCELLED:
        return Empty(gettext("Taken back"), gettext("Nothing of it is in force."), icon="undo-2")
    link = None
    if found.change_set_id is not None and Right.SEE_AUDIT in request.rights:
        address = reverse("site:change_set", args=[found.change_set_id])
        link = Action(gettext("What was written"), address)
    told = gettext("It was written as one change set on its day; single records are corrected as "
                   "always.")  # fmt: skip
    return Empty(departure_words.status(found).label, told, link, icon="circle-check")


def planned_facts(request: PageRequest, rep_id: int) -> dict[str, Any]:
    """Return what is planned for a rep, to whom it shows, and the doors of the guide."""
    found = queries.departures_of(rep_id, request.actor)
    doors = [
        Action(label, reverse("departures:new", args=[rep_id, going.value]),
               icon=departure_words.ICONS[going])
        for going, label in (
            (Going.LEAVE, gettext("Leaves…")),
            (Going.ABSENCE, gettext("Long absence…")),
            (Going.MOVE, gettext("Changes team…")),
        )
    ]  # fmt: skip
    return {
        "doors": doors,
        "planned": [
            (departure_words.sentence(one), departure_words.status(one),
             reverse("departures:departure", args=[one.id]))
            for one in found
        ],
    }  # fmt: skip


def guides(request: PageRequest, scenarios: Sequence[Scenario]) -> list[Action]:
    """Return the doors from a scenario's departures and absences to the guide, filled in."""
    if Right.MANAGE_PEOPLE not in request.rights:
        return []
    names = reps_as_of(request.company.today)
    doors = []
    for found in scenarios:
        for item in found.assumptions:
            rep = getattr(item.edit, "rep_id", None)
            if not isinstance(item.edit, Leave | Absence) or rep not in names:
                continue
            going = Going.LEAVE if isinstance(item.edit, Leave) else Going.ABSENCE
            address = reverse("departures:new", args=[rep, going.value])
            query = f"?scenario={found.head.id}&edit={item.id}"
            label = gettext("Plan it: %(rep)s") % {"rep": names[rep]["name"]}
            doors.append(Action(label, address + query, icon=departure_words.ICONS[going]))
    return doors
