"""What the pages of annual plans share: header, figures, grid, proof, people, changes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.calendar import Period
from perilune.kernel.messages import gettext_noop as _
from perilune.people.contracts import Right
from perilune.people.queries import person_names
from perilune.people.web.gate import PageRequest
from perilune.planning import queries
from perilune.planning.contracts import (
    COMPANY,
    PLAN_EDIT_LABELS,
    PLAN_STATE_LABELS,
    Hire,
    Level,
    Place,
    PlanEditInfo,
    PlanHead,
    PlanState,
    PlanView,
    SumCheck,
    UnitRow,
)
from perilune.planning.queries.tenure import newcomers
from perilune.planning.queries.words import hire_label, level_label, unit_label
from perilune.planning.web.plan_columns import money, month_name
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Column,
    Empty,
    Format,
    Grid,
    GridCell,
    GridRow,
    Kpi,
    Link,
    PageHeader,
    Row,
    Status,
    Tab,
    Table,
    Timeline,
    TimelineEvent,
    Tone,
)

_TONES = {
    PlanState.PUBLISHED: Tone.GOOD,
    PlanState.SUBMITTED: Tone.WATCH,
    PlanState.REJECTED: Tone.ACT,
}
_STEPS: dict[PlanState | None, str] = {
    PlanState.DRAFT: _("withdrew the plan"),
    PlanState.SUBMITTED: _("submitted the plan"),
    PlanState.APPROVED: _("approved the plan"),
    PlanState.REJECTED: _("sent the plan back"),
    PlanState.PUBLISHED: _("published the plan"),
    PlanState.ARCHIVED: _("archived the plan"),
}
MANY = 60
"""Rows from which the reps of a grid are closed at first."""


def state_of(head: PlanHead) -> Status:
    """Return where a plan stands, as a word."""
    if head.is_in_force:
        return Status(gettext("in force"), Tone.GOOD)
    return Status(gettext(PLAN_STATE_LABELS[head.state]), _TONES.get(head.state, Tone.NEUTRAL))


def may_edit(request: PageRequest, head: PlanHead) -> bool:
    """Tell whether the page offers changes: in the states that take them, on the present."""
    return head.may_edit and request.as_of.day >= request.company.today.day


def header(
    request: PageRequest,
    view: PlanView,
    at: str = "plan",
    *,
    said: str = "",
    verbs: Sequence[Action] | None = None,
) -> PageHeader:
    """Return the header of a plan: what it says in one sentence, its tabs, its verbs.

    said, verbs: those of a page that has its own.
    """
    head = view.head
    actions = steps_forward(request, view) if verbs is None and at != "publish" else verbs or ()
    tabs, parts = _ways(head, at)
    return PageHeader(
        head.name,
        finding=said or finding(view, request.company.calendar.months(head.year)),
        actions=actions,
        tabs=tabs,
        parts=parts,
        back=Link(gettext("Annual plans"), reverse("planning:plans")),
        statuses=(state_of(head),),
    )


def _ways(head: PlanHead, at: str) -> tuple[list[Tab], list[Tab]]:
    """Return the tabs of a plan, and the pages of the one that is open.

    In the order in which a year is planned: figures, people, fairness, letters, then what comes.
    """
    rooms = (
        (gettext("Targets and quotas"), (
            ("plan", gettext("By month"), "planning:plan"),
            ("segments", gettext("By segment"), "planning:segment_targets"),
            ("accounts", gettext("By account"), "planning:plan_accounts"),
            ("bases", gettext("Bases of quotas"), "planning:plan_bases"),
            ("rules", gettext("Rules"), "planning:unit_rules"),
            ("proof", gettext("Sums"), "planning:plan_proof"),
            ("workbooks", gettext("Workbooks"), "planning:workbooks"),
        )),
        (gettext("People and capacity"), (
            ("people", gettext("Hires and leavers"), "planning:plan_people"),
            ("capacity", gettext("Capacity"), "planning:capacity"),
            ("hiring", gettext("Hiring"), "planning:hiring"),
        )),
        (gettext("Fairness"), (("fairness", "", "planning:fairness"),)),
        (gettext("Letters"), (("letters", "", "planning:letters"),)),
        (gettext("Chances and follow-up"), (
            ("chances", gettext("Chances"), "planning:plan_chances"),
            ("gap", gettext("Plan against actual"), "planning:plan_gap"),
            ("kpis", gettext("Measures"), "site:plan_kpis"),
        )),
        (gettext("Planning season"), (("season", "", "planning:season"),)),
    )  # fmt: skip
    tabs, parts = [], []
    for label, pages in rooms:
        is_here = any(key == at for key, _label, _name in pages)
        tabs.append(Tab(label, reverse(pages[0][2], args=[head.id]), is_here))
        if is_here and len(pages) > 1:
            parts = [
                Tab(text, reverse(name, args=[head.id]), key == at) for key, text, name in pages
            ]
    long_view = f"{reverse('planning:long_view')}?plan={head.id}"
    return [*tabs, Tab(gettext("Long view"), long_view)], parts


def steps_forward(request: PageRequest, view: PlanView) -> list[Action]:
    """Return the verbs that carry a plan on from where it stands."""
    head = view.head
    if request.as_of.day < request.company.today.day or not view.is_whole:
        return []
    edition = {"edition": str(head.edition)}

    def verb(label: str, name: str, icon: str, *, primary: bool = False) -> Action:
        address = reverse("planning:plan_change", args=[head.id, name])
        return Action(label, address, "post", icon, values=edition, is_primary=primary)

    found = _editing(view, verb) if head.may_edit else []
    if head.state is PlanState.SUBMITTED and request.actor in (head.author, head.submitted_by):
        found.append(verb(gettext("Withdraw"), "withdraw", "undo-2"))
    if Right.PUBLISH_PLANS in request.rights:
        found += _published(head, verb)
    compare = reverse("planning:plan_compare", args=[head.id])
    found.append(Action(gettext("Compare"), compare, icon="git-compare"))
    found.append(verb(gettext("Copy"), "copy", "copy"))
    if head.author == request.actor and head.may_edit:
        settings = reverse("planning:plan_settings", args=[head.id])
        found.append(Action(gettext("Settings"), settings, icon="settings"))
    return found


def _editing(view: PlanView, verb: Callable[..., Action]) -> list[Action]:
    """Return the verbs of a plan in the making; it is submitted once its sums hold."""
    is_off = any(one.difference for one in queries.proof(view.head, view.content))
    reconcile = verb(gettext("Reconcile"), "reconcile", "list-checks", primary=is_off)
    submit = verb(gettext("Submit"), "submit", "send", primary=not is_off)
    if is_off:
        submit = replace(submit, refused=gettext("Reconcile first: some sums do not hold."))
    found = [reconcile, submit] if is_off else [submit, reconcile]
    found.append(verb(gettext("Take back"), "undo", "undo-2"))
    if view.can_redo:
        found.append(verb(gettext("Make again"), "redo", "redo-2"))
    return found


def _published(head: PlanHead, verb: Callable[..., Action]) -> list[Action]:
    publish = reverse("planning:plan_publish", args=[head.id])
    if head.state is PlanState.SUBMITTED:
        back = Action(gettext("Send back"), f"{publish}?back=1", icon="undo-2")
        return [verb(gettext("Approve"), "approve", "check", primary=True), back]
    if head.state is PlanState.APPROVED:
        return [Action(gettext("Publish"), publish, icon="upload", is_primary=True)]
    if head.state is PlanState.PUBLISHED and head.is_in_force:
        return [verb(gettext("Take back what it wrote"), "take-back", "undo-2")]
    if head.state is PlanState.PUBLISHED:
        return [verb(gettext("Take the day back"), "unpublish", "undo-2")]
    return []


def finding(view: PlanView, months: list[Period]) -> str:
    """Return what a plan says, in a sentence or two."""
    head, content = view.head, view.content
    target = content.year(Level.OPERATING, COMPANY)
    street = content.year(Level.STREET, COMPANY)
    facts = {"year": head.year, "by": person_names().get(head.author, head.author)}
    said = gettext("Plan of %(year)s, by %(by)s.") % facts
    if target is not None:
        said = gettext("%(year)s: target %(money)s.") % {
            "year": head.year, "money": formats.short_money(target, head.currency),
        }  # fmt: skip
    if target and street is not None:
        said += " " + gettext("Street quotas are %(share)s of it.") % {
            "share": formats.percent(street / target, 1)
        }
    wrong = [one for one in queries.proof(head, content) if one.difference] if view.is_whole else []
    if wrong:
        text = ngettext("%(n)s sum does not hold.", "%(n)s sums do not hold.", len(wrong))
        said += " " + text % {"n": formats.number(len(wrong), 0)}
    if head.effective_from and not head.is_in_force:
        said += " " + gettext("In force from %(day)s.") % {"day": formats.day(head.effective_from)}
    if head.reason:
        said += " " + gettext("Sent back: %(reason)s") % {"reason": head.reason}
    if head.is_self_approved:
        said += " " + gettext("Self-approved.")
    return said


def figures(view: PlanView) -> list[Kpi]:
    """Return the three levels of the company's year, each with its gap to the one before."""
    found: list[Kpi] = []
    before: tuple[Level, int] | None = None
    for level in Level:
        minor = view.content.year(level, COMPANY)
        detail = ""
        if minor is not None and before is not None:
            detail = gettext("%(gap)s against the %(level)s") % {
                "gap": formats.short_money(minor - before[1], view.head.currency),
                "level": level_label(before[0]).lower(),
            }
        found.append(
            Kpi(level_label(level), minor, Format.MONEY, view.head.currency, 1, detail=detail)
        )
        before = (level, minor) if minor is not None else before
    return found


def grid(request: PageRequest, view: PlanView) -> Grid:
    """Return the amounts by unit and month: board, then operating targets, then street quotas."""
    head, content = view.head, view.content
    months = request.company.calendar.months(head.year)
    currency, places = head.currency, 0
    columns = [
        Column("unit", gettext("Unit")),
        money("year", gettext("Year"), currency, places),
        *(
            money(str(at), month_name(month), currency, places)
            for at, month in enumerate(months, 1)
        ),
    ]
    is_long = len(content.units) > MANY
    rows, short = [], newcomers(content.units.values(), head.as_of)
    if COMPANY in content.units:
        row = content.units[COMPANY]
        rows.append(_grid_row(view, row, Level.BOARD, months, "", short=short))
    rows += _below(view, "", months, 0, is_long=is_long, short=short)
    rows += [
        _grid_row(view, row, row.level, months, "", short=short)
        for row in content.units.values()
        if row.is_apart
    ]
    here = [head.id]
    can = may_edit(request, head)
    return Grid(
        columns,
        rows,
        gettext("Targets and quotas of %(year)s by month") % {"year": head.year},
        name=f"plan-{head.id}",
        save_url=reverse("planning:plan_save", args=here) if can else "",
        save_label=gettext("Save as fixed"),
        hidden={"edition": str(head.edition)},
        note=gettext("Typed amounts are fixed: reconciling keeps them and shares out the rest."),
        export_urls=[
            Link("Excel", reverse("planning:plan_export", args=here)),
            Link(gettext("Excel for finance"), reverse("planning:plan_finance", args=here)),
        ]
        if Right.EXPORT_DATA in request.rights
        else [],
    )


def _below(
    view: PlanView,
    parent: str,
    months: list[Period],
    level: int,
    *,
    is_long: bool,
    short: Collection[str],
) -> list[GridRow]:
    """Return the rows below a unit, depth first; those whose parent one does not see are roots."""
    content = view.content
    if parent:
        units = content.children.get(parent, ())
    else:
        known = content.units
        units = tuple(unit for unit, row in known.items()
                      if not row.is_apart and row.parent not in known)  # fmt: skip
    rows = []
    for unit in units:
        row = content.units[unit]
        is_open = not is_long
        rows.append(_grid_row(view, row, row.level, months, parent, short=short, depth=level,
                              is_open=is_open))  # fmt: skip
        rows += _below(view, unit, months, level + 1, is_long=is_long, short=short)
    return rows


def _grid_row(
    view: PlanView,
    row: UnitRow,
    level: Level,
    months: list[Period],
    parent: str,
    *,
    short: Collection[str],
    depth: int = 0,
    is_open: bool = True,
) -> GridRow:
    content, currency = view.content, view.head.currency
    whole = content.year(level, row.unit)
    cells = [GridCell(whole, typed=_typed(whole, currency))]
    for month in range(1, len(months) + 1):
        cell = content.cells.get(Place(level, row.unit, month))
        is_fixed = cell is not None and cell.is_fixed
        cells.append(
            GridCell(
                None if cell is None else cell.minor,
                field=f"cell|{level.value}|{row.unit}|{month}",
                typed=_typed(None if cell is None else cell.minor, currency),
                note=gettext("fixed") if is_fixed else "",
            )
        )
    return GridRow(
        f"{level.value}:{row.unit}",
        label_of(view, row),
        cells,
        parent=f"{Level.OPERATING.value}:{parent}" if parent else "",
        level=depth,
        under=_under(view, row, level, short),
        is_open=is_open or row.kind != "team",
        is_sum=not row.is_apart,
    )


def label_of(view: PlanView, row: UnitRow) -> str:
    """Return a row's name; of a planned hire how many from when, to those who see hires."""
    hires = {-item.id: item.edit for item in view.content.people if isinstance(item.edit, Hire)}
    hire = hires.get(row.number) if row.kind == "rep" else None
    return unit_label(row.unit, view.names) if hire is None else hire_label(hire)


def _under(view: PlanView, row: UnitRow, level: Level, short: Collection[str]) -> str:
    """Return what stands below a row's name: its level, over-assignment, quota to history."""
    said = [level_label(level)]
    if row.kind == "segment":
        said.insert(0, gettext("Segment"))
    if row.kind == "overlay":
        said.insert(0, gettext("Overlay: in no sum of team or company"))
    if row.over and level is not Level.BOARD:
        said.append(gettext("+%(share)s below") % {"share": formats.percent(row.over / 10_000, 1)})
    year = view.content.year(level, row.unit)
    if row.history and year and row.unit in short:
        said.append(gettext("less than a year"))
    elif row.history and year:
        share = formats.percent(year / row.history, 0)
        said.append(gettext("%(share)s of last year") % {"share": share})
    return " · ".join(said)


def _typed(minor: int | None, currency: str) -> str:
    return "" if minor is None else str(formats.major(minor, currency))


def proof_table(view: PlanView, found: list[SumCheck]) -> Table:
    """Return the sums of the year by unit and level, those that do not hold first."""
    by_unit: dict[tuple[str, Level], list[SumCheck]] = {}
    for one in found:
        by_unit.setdefault((one.unit, one.level), []).append(one)
    lines = sorted(by_unit.items(), key=lambda pair: not any(one.difference for one in pair[1]))
    currency, places = view.head.currency, 2
    rows = []
    for (unit, level), checks in lines:
        gap = sum(one.difference for one in checks)
        months = [str(one.month) for one in checks if one.difference]
        state = Status(gettext("sums"), Tone.GOOD)
        if months:
            listed = ", ".join(months)
            state = Status(gettext("months %(months)s") % {"months": listed}, Tone.ACT)
        rows.append(
            Row(f"{unit}-{level.value}", (
                unit_label(unit, view.names), level_label(level),
                sum(one.minor for one in checks), sum(one.over for one in checks),
                sum(one.parts for one in checks), gap, state,
            ))
        )  # fmt: skip
    return Table(
        (
            Column("unit", gettext("Unit"), is_title=True),
            Column("level", gettext("Level")),
            money("minor", gettext("Target"), currency, places),
            money("over", gettext("Over-assignment"), currency, places, is_minor=True),
            money("parts", gettext("Sum below"), currency, places),
            money("gap", gettext("Difference"), currency, places),
            Column("state", gettext("Proof")),
        ),
        rows,
        gettext("Sums by unit and level"),
        name="proof",
        is_dense=True,
        empty=Empty(gettext("Nothing to sum yet"),
                    gettext("Set targets and reconcile: every level is then proved."),
                    icon="list-checks"),
    )  # fmt: skip


def changes(view: PlanView, most: int = 8) -> Timeline:
    """Return the latest changes of a plan, with who made them."""
    named = person_names()
    events = []
    for edit in view.edits[:most]:
        title = _did(edit)
        if edit.is_undone:
            title = gettext("%(what)s (taken back)") % {"what": title}
        actor = named.get(edit.actor, edit.actor)
        events.append(TimelineEvent(edit.at, title, actor=actor, icon="history"))
    return Timeline(events, empty=Empty(gettext("No change yet"), icon="history"))


def _did(edit: PlanEditInfo) -> str:
    """Return what a change did; of a change of state which one."""
    if edit.stands is PlanState.APPROVED and edit.stood is PlanState.PUBLISHED:
        return gettext("took the publication back")
    return gettext(_STEPS.get(edit.stands, "") or PLAN_EDIT_LABELS[edit.kind])


def said_of(view: PlanView) -> Timeline:
    """Return the comments of a plan, the latest first."""
    named = person_names()
    events = [
        TimelineEvent(one.at, one.text, actor=named.get(one.actor, one.actor),
                      detail=unit_label(one.unit, view.names) if one.unit else "",
                      icon="pencil")
        for one in reversed(view.comments)
    ]  # fmt: skip
    return Timeline(events, empty=Empty(gettext("Nothing was said yet"), icon="pencil"))
