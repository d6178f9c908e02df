"""The hand-over of a plan as tasks: one for each account with open deals, in its new rep's day."""

from __future__ import annotations

from datetime import UTC, datetime, time

from django.utils import translation
from django.utils.translation import gettext, ngettext

from perilune.history.contracts import Batch, Creation, to_us
from perilune.history.queries import set_info
from perilune.history.service import bulk_append, bulk_complete, bulk_open, reserve_ids
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company, rep_languages
from perilune.territories.contracts import DraftState, EditKind, HandOver
from perilune.territories.queries.handing import handover
from perilune.territories.service.effects import BATCH
from perilune.territories.service.writing import changing

TITLE = _("Hand-over tasks of a territory plan")
DECIDED = frozenset({DraftState.APPROVED, DraftState.ACTIVE})
MORNING = time(9)


def hand_over_tasks(draft_id: int, edition: int, *, actor: str, scope: Scope) -> int:
    """Write a task for each account with open deals that changes hands; return how many.

    Each is the new rep's, on the suggested day. One change set, taken back like any other; a second
    time is Invalid while the first stands, as is a plan without a day, or without such accounts.
    """
    with changing(draft_id, edition, actor=actor, scope=scope, whole=True, states=DECIDED) as held:
        if held.row.effective_from is None:
            raise Invalid(_("Publish the plan first: tasks need its day."))
        if _stand(held.row.settings.get("tasks")):
            raise Invalid(_("The tasks of this plan are there already."))
        listed = [one for one in handover(draft_id, scope, actor) if one.open_deals]
        if not listed:
            raise Invalid(_("No account with open deals changes hands by this plan."))
        written = _write(listed, actor)
        held.row.settings = {**held.row.settings, "tasks": written}
        held.note(EditKind.STATE, count=len(listed))
    return len(listed)


def _stand(change_set_id: int | None) -> bool:
    """Tell whether tasks were written and not taken back since."""
    found = None if change_set_id is None else set_info(change_set_id)
    return found is not None and found.retracted_at is None


def _write(listed: list[HandOver], actor: str) -> int:
    now = datetime.now(UTC)
    opened = bulk_open(
        source="local", actor=actor, purpose="territories", title=TITLE, known_at=now
    )
    ids = reserve_ids("activity", len(listed))
    spoken = rep_languages()
    made = [
        Creation(id_, to_us(now), _task(one, spoken.get(one.to_rep) or company().language))
        for id_, one in zip(ids, listed, strict=True)
    ]
    for at in range(0, len(made), BATCH):
        bulk_append(opened, Batch("activity", creations=made[at : at + BATCH]))
    bulk_complete(opened)
    return opened


def _task(one: HandOver, language: str) -> dict[str, str | int | bool | None]:
    """Return the task of an account, in the language of who does it, not of who makes it."""
    with translation.override(language):
        said = ngettext(
            "Take over %(account)s from %(giver)s: %(n)s open deal",
            "Take over %(account)s from %(giver)s: %(n)s open deals",
            one.open_deals,
        )
        giver = one.from_name or gettext("nobody")
        subject = said % {"account": one.account, "giver": giver, "n": one.open_deals}
    begins = datetime.combine(one.suggested, MORNING, company().zone)
    return {
        "type": "task",
        "subject": subject,
        "owner_id": one.to_rep,
        "account_id": one.account_id,
        "starts_at": begins.astimezone(UTC).isoformat(),
        "is_done": False,
    }
