"""Verbs of territories: drafts of plans, their approval, and what puts them in force."""

from perilune.territories.service.activating import JOB_KIND as ACTIVATE_JOB
from perilune.territories.service.activating import activate_due, take_back
from perilune.territories.service.applying import apply_rules, take_back_rules
from perilune.territories.service.approving import (
    approve,
    publish,
    reject,
    submit,
    unpublish,
    withdraw,
)
from perilune.territories.service.constraining import bind_accounts, bind_territory, lift
from perilune.territories.service.containing import put_containers
from perilune.territories.service.designing import JOB_KIND as DESIGN_JOB
from perilune.territories.service.designing import design_draft, split_territory
from perilune.territories.service.drafts import (
    archive,
    change_settings,
    clone_draft,
    comment,
    create_draft,
)
from perilune.territories.service.editing import (
    lock,
    move_units,
    redo,
    rename,
    seat,
    seat_all,
    undo,
)
from perilune.territories.service.rebalancing import JOB_KIND as REBALANCE_JOB
from perilune.territories.service.rebalancing import rebalance_draft, take_point
from perilune.territories.service.ruling import (
    make_rules,
    put_rule,
    remove_rule,
    switch_rule,
    undo_rules,
)
from perilune.territories.service.shaping import add_territory, merge, put_region, remove_territory
from perilune.territories.service.tasks import hand_over_tasks
from perilune.territories.service.travelling import put_server, remove_server

JOBS = (DESIGN_JOB, REBALANCE_JOB, ACTIVATE_JOB)
"""What `site.wiring` registers for this capability."""

__all__ = [
    "ACTIVATE_JOB",
    "DESIGN_JOB",
    "JOBS",
    "REBALANCE_JOB",
    "activate_due",
    "add_territory",
    "apply_rules",
    "approve",
    "archive",
    "bind_accounts",
    "bind_territory",
    "change_settings",
    "clone_draft",
    "comment",
    "create_draft",
    "design_draft",
    "hand_over_tasks",
    "lift",
    "lock",
    "make_rules",
    "merge",
    "move_units",
    "publish",
    "put_containers",
    "put_region",
    "put_rule",
    "put_server",
    "rebalance_draft",
    "redo",
    "reject",
    "remove_rule",
    "remove_server",
    "remove_territory",
    "rename",
    "seat",
    "seat_all",
    "split_territory",
    "submit",
    "switch_rule",
    "take_back",
    "take_back_rules",
    "take_point",
    "undo",
    "undo_rules",
    "unpublish",
    "withdraw",
]
