"""Verbs on deals: move, close, split; and on accounts: hand over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from perilune.crm.contracts import Done
from perilune.crm.engine import Share, check_shares
from perilune.crm.queries import stages
from perilune.crm.service.records import opened, record_change, records_change, standing
from perilune.history.queries import states_as_of
from perilune.kernel.errors import Invalid
from perilune.kernel.messages import gettext_noop as _
from perilune.kernel.scope import Scope
from perilune.people.queries import company
from perilune.store import queries as store


def opportunity_move(deal_id: int, stage_id: int, *, actor: str) -> Done:
    """Bring a deal into a stage (and its pipeline).

    A won or lost stage needs a close date that does not lie in the future: see `opportunity_close`.
    """
    stage = standing("stage", stage_id)
    values: dict[str, Any] = {"stage_id": stage_id}
    if stage["pipeline_id"] is not None:
        values["pipeline_id"] = stage["pipeline_id"]
    return record_change("opportunity", deal_id, values, actor=actor)


def opportunity_close(
    deal_id: int,
    stage_id: int,
    *,
    actor: str,
    close_date: date,
    amount: int | None = None,
    loss_reason: str = "",
) -> Done:
    """Close a deal into a won or lost stage; amount in minor units (None keeps what it has)."""
    stage = standing("stage", stage_id)
    if stage["meaning"] not in ("won", "lost"):
        raise Invalid(_("This stage does not close a deal."))
    values: dict[str, Any] = {"stage_id": stage_id, "close_date": close_date}
    if stage["pipeline_id"] is not None:
        values["pipeline_id"] = stage["pipeline_id"]
    if amount is not None:
        values["amount"] = amount
    if loss_reason and stage["meaning"] == "lost":
        values["loss_reason"] = loss_reason
    return record_change("opportunity", deal_id, values, actor=actor)


def is_closing(stage_id: int) -> bool:
    """Tell whether a stage closes deals (won or lost)."""
    return any(
        row["id"] == stage_id and row["meaning"] in ("won", "lost")
        for row in stages(company().today)
    )


def splits_set(deal_id: int, shares: Sequence[Share], *, actor: str) -> Done:
    """Set who is credited with a deal, in one change set; no share gives all credit to the owner.

    shares in 1/10,000; those that are not overlay sum to 100 % (rule 8), Invalid otherwise.
    """
    standing("opportunity", deal_id)
    problems = tuple(f.problem for f in check_shares(shares))
    if problems:
        raise Invalid(_("The splits were not saved."), problems=problems)
    wanted = {(item.rep_id, item.is_overlay): item.share for item in shares}
    with opened(actor, _("Splits")) as writer:
        for split_id, state in _splits(deal_id).items():
            key = state["rep_id"], bool(state["is_overlay"])
            if key in wanted:
                writer.change("opportunity_split", split_id, {"share": wanted.pop(key)})
            else:
                writer.delete("opportunity_split", split_id)
        for (rep_id, is_overlay), share in wanted.items():
            writer.create(
                "opportunity_split",
                {
                    "opportunity_id": deal_id,
                    "rep_id": rep_id,
                    "share": share,
                    "is_overlay": is_overlay,
                },
            )
    return Done(writer.id, (deal_id,))


def _splits(deal_id: int) -> dict[int, dict[str, Any]]:
    sql = "SELECT t.id FROM opportunity_split AS t WHERE t.opportunity_id = :id"
    found = store.run_sql(sql, {"id": deal_id}, scope=Scope.company(), as_of=company().today)
    # the store finds them, history says what they are now
    states = states_as_of("opportunity_split", found.column("id"))
    return {key: state for key, state in states.items() if state["opportunity_id"] == deal_id}


def account_reassign(ids: Sequence[int], owner_id: int | None, *, actor: str) -> Done:
    """Give accounts to another owner, in one change set."""
    return records_change("account", ids, {"owner_id": owner_id}, actor=actor)
