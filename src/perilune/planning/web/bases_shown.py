"""What quotas rest on, by rep, and sums from below beside targets, as tables."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext

from perilune.people.web.gate import PageRequest
from perilune.planning.contracts import BASIS_LABELS, PlanView, QuotaBasis
from perilune.planning.queries.account_targets import AccountTargets, bottom_up
from perilune.planning.queries.quota_bases import BASES, Mixed
from perilune.planning.queries.words import unit_label
from perilune.planning.web import plan_shown
from perilune.planning.web.plan_columns import excel, money
from perilune.ui import formats
from perilune.ui.contracts import Column, Empty, Format, Row, Table

MINOR = (QuotaBasis.PIPELINE_VALUE,)


def finding(view: PlanView, found: Mixed) -> str:
    """Return what the quotas rest on, in a sentence, and what a mix changes."""
    mix = found.content.mix or {QuotaBasis.HISTORY.value: 1.0}
    total = sum(mix.values())
    listed = ", ".join(
        f"{gettext(BASIS_LABELS[basis])} {formats.percent(mix[basis.value] / total, 0)}"
        for basis in BASES
        if mix.get(basis.value)
    )
    said = gettext("Shares rest on: %(listed)s.") % {"listed": listed}
    moved = sum(row.before != row.after for row in found.rows)
    if moved and any(row.before is not None for row in found.rows):
        text = ngettext("%(n)s quota would change.", "%(n)s quotas would change.", moved)
        said += " " + text % {"n": formats.number(moved, 0)}
    return said


def reps_table(request: PageRequest, view: PlanView, found: Mixed) -> Table:
    """Return each rep's share of every basis, the mix, and the quota that comes of it."""
    currency = view.head.currency
    rows = []
    for row in found.rows:
        changed = None
        if row.before is not None and row.after is not None:
            changed = row.after - row.before
        rows.append(
            Row(row.unit, (
                plan_shown.label_of(view, view.content.units[row.unit])
                if row.unit in view.content.units else unit_label(row.unit, view.names),
                unit_label(row.team, view.names),
                *(row.share[basis.value] for basis in BASES),
                row.mix, row.before, row.after, changed, row.unknown, row.fixed,
            ))
        )  # fmt: skip
    notes = [gettext("Shares are of a full year; presence and ramp count on top. What is unknown of"
                     " a rep says nothing: their other bases count.")]  # fmt: skip
    if found.without_rate:
        text = ngettext("%(n)s open deal without a rate is in no figure.",
                        "%(n)s open deals without a rate are in no figure.",
                        found.without_rate)  # fmt: skip
        notes.append(text % {"n": formats.number(found.without_rate, 0)})
    if found.without_chance:
        text = ngettext("%(n)s open deal has no chance: its stage states none.",
                        "%(n)s open deals have no chance: their stages state none.",
                        found.without_chance)  # fmt: skip
        notes.append(text % {"n": formats.number(found.without_chance, 0)})
    return Table(
        (
            Column("rep", gettext("Rep"), is_title=True),
            Column("team", gettext("Team"), is_minor=True),
            *(
                Column(basis.value, gettext(BASIS_LABELS[basis]), Format.PERCENT, decimals=1,
                       is_minor=basis in MINOR)
                for basis in BASES
            ),
            Column("mix", gettext("Mix"), Format.PERCENT, decimals=1),
            money("before", gettext("Quota now"), currency),
            money("after", gettext("Quota by the mix"), currency),
            money("changed", gettext("Change of quota"), currency),
            Column("unknown", gettext("Accounts without potential"), Format.NUMBER, decimals=0,
                   is_minor=True),
            Column("fixed", gettext("Fixed months"), Format.NUMBER, decimals=0, is_minor=True),
        ),
        rows,
        gettext("Bases of quotas by rep"),
        name="bases",
        is_dense=True,
        note=" ".join(notes),
        export_urls=excel(request, view.head.id, "bases", request.GET.urlencode()),
        empty=Empty(gettext("Nobody is in this plan yet"), icon="users"),
    )  # fmt: skip


def bottom_up_table(request: PageRequest, view: PlanView, found: AccountTargets) -> Table:
    """Return company and teams: account targets and potential beside the operating target."""
    currency = view.head.currency
    rows = [
        Row(one.unit, (
            unit_label(one.unit, view.names), one.operating, one.targets, one.targets_gap,
            one.potential, one.potential_gap, one.unknown,
        ))
        for one in bottom_up(view.content, found)
    ]  # fmt: skip
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            money("operating", gettext("Operating plan"), currency),
            money("targets", gettext("Account targets"), currency),
            money("targets_gap", gettext("Targets less plan"), currency),
            money("potential", gettext("Potential"), currency),
            money("potential_gap", gettext("Potential less plan"), currency),
            Column("unknown", gettext("Accounts without potential"), Format.NUMBER, decimals=0,
                   is_minor=True),
        ),
        rows,
        gettext("From below and from above"),
        name="bottom-up",
        is_dense=True,
        export_urls=excel(request, view.head.id, "bottom-up"),
        note=gettext("Accounts count for who holds them: targets month by month, potential on the"
                     " first day of the year."),
        empty=Empty(gettext("Nobody is in this plan yet"), icon="users"),
    )  # fmt: skip
