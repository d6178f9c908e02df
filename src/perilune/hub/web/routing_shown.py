"""Words and tables of the page of leads without an owner."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.hub.contracts.lookalikes import WHY_LABELS
from perilune.hub.contracts.routing import Claim, Matched, Routed, RoutePreview, RouteRule, RouteRun
from perilune.ui import formats
from perilune.ui.contracts import Cell, Column, Empty, Format, Row, Status, Table, Tone


def finding(found: RoutePreview, has_rules: bool) -> str:
    """Return the sentence of the page."""
    if not found.waiting:
        return gettext("Every lead that is not converted has an owner.")
    waiting = ngettext(
        "%(n)s lead has no owner.", "%(n)s leads have no owner.", found.waiting
    ) % {"n": formats.number(found.waiting, 0)}  # fmt: skip
    if not has_rules:
        return f"{waiting} {gettext('Make rules below to give them to sellers.')}"
    given = ngettext(
        "The rules give %(n)s of them one.", "The rules give %(n)s of them one.", found.given
    ) % {"n": formats.number(found.given, 0)}  # fmt: skip
    return f"{waiting} {given}"


def claimed(claim: Claim) -> str:
    """Return what a rule said of a lead."""
    return gettext(claim.why) % claim.params if claim.params else gettext(claim.why)


def why(line: Routed) -> str:
    """Return what the rule that decided said, or all of them where none did."""
    if not line.why:
        return gettext("no rule is for it")
    said = line.why[-1:] if line.rep_id is not None else line.why
    return "; ".join(claimed(one) for one in said)


def matched(one: Matched | None) -> str:
    """Return the account that a lead belongs to, and by what it was recognised."""
    if one is None:
        return ""
    by = ", ".join(gettext(WHY_LABELS[each]) for each in one.why)
    return f"{one.title} ({by})" if by else one.title


def leads_table(found: RoutePreview) -> Table:
    """Return the leads with who would get them."""
    rows = [
        Row(
            line.lead_id,
            (
                line.name,
                line.company,
                matched(line.matched),
                line.rep if line.rep_id is not None else Cell(gettext("nobody"), tone=Tone.WATCH),
                line.rule,
                why(line),
            ),
            url=reverse("crm:record", args=["lead", line.lead_id]),
        )
        for line in found.lines
    ]
    more = found.waiting - len(found.lines)
    return Table(
        caption=gettext("Leads without an owner"),
        columns=(
            Column("lead", gettext("Lead"), is_title=True),
            Column("company", gettext("Company")),
            Column("account", gettext("Account it belongs to")),
            Column("rep", gettext("Would go to")),
            Column("rule", gettext("Rule"), Format.NUMBER, decimals=0),
            Column("why", gettext("Why")),
        ),
        rows=rows,
        empty=Empty(
            gettext("No lead without an owner"),
            gettext("Leads that arrive without one are shown here."),
            icon="check",
        ),
        note=ngettext("%(n)s more comes after these.", "%(n)s more come after these.", more)
        % {"n": formats.number(more, 0)}
        if more > 0
        else "",
    )


@dataclass(frozen=True)
class RunLine:
    """A routing that was done; undo_url is empty where it was taken back."""

    text: str
    status: Status
    undo_url: str


def run_lines(runs: Sequence[RouteRun], names: Mapping[str, str]) -> list[RunLine]:
    """Return the routings that were done, newest first."""
    return [
        RunLine(
            ngettext("%(at)s: %(n)s lead, by %(actor)s", "%(at)s: %(n)s leads, by %(actor)s",
                     run.given)
            % {"at": formats.instant(run.at), "n": formats.number(run.given, 0),
               "actor": names.get(run.actor, run.actor)},
            Status(gettext("in force"), Tone.GOOD)
            if run.is_standing
            else Status(gettext("taken back"), Tone.NEUTRAL),
            reverse("hub:routing_undo", args=[run.id]) if run.is_standing else "",
        )
        for run in runs
    ]  # fmt: skip


@dataclass(frozen=True)
class RuleInput:
    """One line of the form of rules."""

    at: int
    place: int
    verb: str
    countries: str
    sources: str
    layers: Sequence[tuple[str, bool]]
    capacity: int | str
    teams: Sequence[tuple[int, str, bool]]


def rule_input(
    at: int, rule: RouteRule | None, teams: Mapping[int, str], layers: Collection[str]
) -> RuleInput:
    """Return a line of the form: a rule's, or an empty one. layers: of the territories in force."""
    chosen = rule.team_id if rule else None
    kept = rule.layer if rule else ""
    listed = sorted(teams.items(), key=lambda item: (item[1].casefold(), item[0]))
    return RuleInput(
        at, at + 1, rule.verb.value if rule else "",
        ", ".join(rule.countries) if rule else "", ", ".join(rule.sources) if rule else "",
        [(name, name == kept) for name in sorted({*layers, kept} - {""}, key=str.casefold)],
        (rule.capacity or "") if rule else "",
        [(number, name, number == chosen) for number, name in listed],
    )  # fmt: skip
