"""What is wrong with a hire, departure or absence of a plan, in itself and beside what is there."""

from __future__ import annotations

from perilune.kernel.errors import Problem
from perilune.kernel.messages import gettext_noop as _
from perilune.people.queries import company, reps_as_of
from perilune.planning.contracts import Absence, Content, Edit, Hire, Leave
from perilune.planning.engine.checks import before_hire, overlapping, problems
from perilune.planning.engine.pairing import EVENTS
from perilune.planning.queries.choices import Choices


def unsound(edit: Edit, content: Content, offered: Choices) -> list[Problem]:
    """Return what is wrong with an event of a plan, in itself and beside what the plan holds."""
    if not isinstance(edit, EVENTS):
        return [Problem(_("A plan holds hires, departures and absences."), {})]
    wrong = problems(edit)
    if isinstance(edit, Hire):
        if edit.team_id not in dict(offered.teams):
            wrong.append(Problem(_("This team is not one of yours."), {}, "team_id"))
        if edit.segment and edit.segment not in offered.segments:
            wrong.append(Problem(_("No account has this."), {}, "segment"))
        return wrong
    return wrong + _wrong_with(edit, content)


def _wrong_with(edit: Leave | Absence, content: Content) -> list[Problem]:
    if f"rep:{edit.rep_id}" not in content.units:
        return [Problem(_("This rep does not sell in the plan's year."), {}, "rep_id")]
    hires = {-item.id: item.edit for item in content.people if isinstance(item.edit, Hire)}
    state = reps_as_of(company().today).get(edit.rep_id)
    name = (state["name"] or "") if state else ""
    hired = state["hire_date"] if state else None
    if edit.rep_id in hires:
        hired = hires[edit.rep_id].starts
    early = list(before_hire(edit, name, hired))
    if early:
        return early
    if isinstance(edit, Absence):
        return list(overlapping(edit, name, [item.edit for item in content.people]))
    same = [i.edit for i in content.people if isinstance(i.edit, Leave)]
    if isinstance(edit, Leave) and any(other.rep_id == edit.rep_id for other in same):
        return [Problem(_("%(name)s leaves already in this plan."), {"name": name}, "rep_id")]
    return []
