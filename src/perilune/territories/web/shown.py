"""What the pages of territory plans share: headers, tables, the words of states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from perilune.kernel.kinds import Field
from perilune.people.contracts import Right
from perilune.people.web.gate import PageRequest
from perilune.territories.contracts import (
    STATE_LABELS,
    Attribute,
    DraftHead,
    DraftState,
    DraftView,
    Sheet,
)
from perilune.territories.queries import criteria_of
from perilune.territories.web import ruled
from perilune.ui import formats
from perilune.ui.contracts import (
    Action,
    Link,
    PageHeader,
    Status,
    Tone,
)

TONES = {
    DraftState.PLANNING: Tone.NEUTRAL,
    DraftState.REVIEW: Tone.WATCH,
    DraftState.APPROVED: Tone.GOOD,
    DraftState.ACTIVE: Tone.GOOD,
    DraftState.ARCHIVED: Tone.NEUTRAL,
    DraftState.REJECTED: Tone.ACT,
}


def state_of(head: DraftHead) -> Status:
    """Return where a plan stands, as a word; of one that waits for its day, that day."""
    if head.state is DraftState.APPROVED and head.effective_from is not None:
        day = formats.day(head.effective_from)
        return Status(gettext("in force from %(day)s") % {"day": day}, Tone.GOOD)
    return Status(gettext(STATE_LABELS[head.state]), TONES[head.state])


def may_edit(request: PageRequest, head: DraftHead) -> bool:
    """Tell whether the page offers verbs that change a plan: on the present, by its state."""
    is_now = request.as_of.day >= request.company.today.day
    return is_now and head.may_edit and Right.DESIGN_TERRITORIES in request.rights


def title_of(attribute: Attribute) -> str:
    """Return the reader's name of an attribute."""
    return gettext(attribute.label) if attribute.label else attribute.key


def is_money(attribute: Attribute) -> bool:
    """Tell whether an attribute is an amount of money, in minor units."""
    return len(attribute.unit) == 3 and attribute.unit.isupper()


def header(request: PageRequest, view: DraftView, sheet: Sheet, at: str = "plan") -> PageHeader:
    """Return the header of a plan: what it is like in one sentence, and its verbs."""
    head, where = view.head, [view.head.id]
    verbs = [
        Action(gettext("Compare"), reverse("territories:compare", args=where), icon="git-compare"),
        Action(gettext("Hand-over"), reverse("territories:handover", args=where),
               icon="list-checks"),
        *_of_whole(view),
        Action(gettext("Copy"), reverse("territories:clone", args=where), "post", icon="copy"),
    ]  # fmt: skip
    back = Link(gettext("Territory plans"), reverse("territories:plans"))
    if at != "plan":
        back = Link(head.name, reverse("territories:plan", args=where))
    return PageHeader(
        head.name,
        finding=finding(view, sheet),
        actions=[*steps_forward(request, view), *verbs] if at == "plan" else (),
        back=back,
        statuses=(state_of(head),),
    )


def _of_whole(view: DraftView) -> list[Action]:
    """Return the verbs of who sees the whole plan."""
    if not view.is_whole:
        return []
    where = [view.head.id]
    return [
        Action(gettext("Re-balance"), reverse("territories:rebalance", args=where), icon="target"),
        Action(gettext("Who sells where"), reverse("territories:seats", args=where), icon="users"),
        Action(
            gettext("Assignment rules"), reverse("territories:rules", args=where), icon="filter"
        ),
    ]


def steps_forward(request: PageRequest, view: DraftView) -> list[Action]:
    """Return the verbs that carry a plan on from where it stands."""
    head = view.head
    if request.as_of.day < request.company.today.day or not view.is_whole:
        return []
    edition = {"edition": str(head.edition)}

    def verb(label: str, name: str, icon: str, *, primary: bool = False) -> Action:
        address = reverse("territories:change", args=[head.id, name])
        return Action(label, address, "post", icon, values=edition, is_primary=primary)

    found: list[Action] = []
    if may_edit(request, head):
        found.append(verb(gettext("Submit for review"), "submit", "send", primary=True))
    if head.state is DraftState.REVIEW and request.actor in (head.author, head.submitted_by):
        found.append(verb(gettext("Withdraw"), "withdraw", "undo-2"))
    if Right.PUBLISH_TERRITORIES in request.rights:
        found += _published(head, verb)
        if head.state not in (DraftState.ACTIVE, DraftState.ARCHIVED):
            found.append(verb(gettext("Archive"), "archive", "archive"))
    return found


def _published(head: DraftHead, verb: Callable[..., Action]) -> list[Action]:
    """Return the verbs of who approves and publishes, from where a plan stands."""
    publish = reverse("territories:publish", args=[head.id])
    if head.state is DraftState.REVIEW:
        back = Action(gettext("Send back"), f"{publish}?back=1", icon="undo-2")
        return [verb(gettext("Approve"), "approve", "check", primary=True), back]
    if head.state is DraftState.APPROVED and head.effective_from is not None:
        return [verb(gettext("Take the day back"), "unpublish", "undo-2")]
    if head.state is DraftState.APPROVED:
        return [Action(gettext("Publish"), publish, icon="upload", is_primary=True)]
    if head.state is DraftState.ACTIVE and head.change_set_id is not None:
        return [verb(gettext("Take back what it wrote"), "take-back", "undo-2")]
    return []


def _worst(sheet: Sheet) -> tuple[float, ...]:
    """Return the furthest deviation of each attribute, of the territories that one sees."""
    if not sheet.is_partial:
        return sheet.worst
    of_rows = zip(*(row.deviation for row in sheet.territories), strict=True)
    return tuple(max(abs(off or 0.0) for off in column) for column in of_rows)


def membership(head: DraftHead, fields: Mapping[str, Field] | None = None) -> str:
    """Return what the accounts of a plan must meet, in words; nothing where it is of all."""
    criteria = criteria_of(head.settings)
    if not criteria:
        return ""
    return ruled.tests_of(criteria, ruled.fields_by_name() if fields is None else fields)


def _whose(head: DraftHead) -> list[str]:
    """Return the sentence that says which layer a plan is of, and of which accounts."""
    tests = membership(head)
    facts = {"layer": head.layer, "tests": tests}
    if head.layer and tests:
        return [gettext("Layer “%(layer)s”, of accounts where %(tests)s.") % facts]
    if head.layer:
        return [gettext("Layer “%(layer)s”.") % facts]
    return [gettext("Of accounts where %(tests)s.") % facts] if tests else []


def finding(view: DraftView, sheet: Sheet) -> str:
    """Return what a plan is like, in a sentence or two."""
    head, seen = view.head, len(sheet.territories)
    parts = _whose(head)
    count = ngettext("%(n)s territory", "%(n)s territories", seen)
    facts = {
        "territories": count % {"n": formats.number(seen, 0)},
        "accounts": formats.number(sheet.total.accounts, 0),
        "day": formats.day(head.as_of.day),
    }
    parts.append(gettext("%(accounts)s accounts of %(day)s in %(territories)s.") % facts)
    if view.attributes and sheet.worst:
        off = ", ".join(
            gettext("%(what)s %(off)s (allowed %(allowed)s)")
            % {
                "what": title_of(attribute),
                "off": formats.percent(worst, 1),
                "allowed": formats.percent(attribute.tolerance, 0),
            }
            for attribute, worst in zip(view.attributes, _worst(sheet), strict=False)
        )
        parts.append(gettext("Furthest from the target: %(off)s.") % {"off": off})
    beyond = sum(not row.is_within for row in sheet.territories)
    if beyond:
        far = ngettext(
            "%(n)s territory is beyond its tolerance.",
            "%(n)s territories are beyond their tolerance.",
            beyond,
        )
        parts.append(far % {"n": formats.number(beyond, 0)})
    if sheet.regions:
        inside = len([row for row in sheet.regions if row.region])
        said = ngettext("%(n)s region.", "%(n)s regions.", inside)
        parts.append(said % {"n": formats.number(inside, 0)})
    moved = ngettext("%(n)s account changes hands.", "%(n)s accounts change hands.", sheet.moved)
    parts.append(moved % {"n": formats.number(sheet.moved, 0)})
    return " ".join(parts)


def exports(request: PageRequest, address: str, draft_id: int) -> Sequence[Link]:
    """Return the files that a person may take along."""
    if Right.EXPORT_DATA not in request.rights:
        return ()
    return [
        Link(label, reverse(address, args=[draft_id, form]), icon="download")
        for label, form in (("CSV", "csv"), ("Excel", "xlsx"))
    ]
