"""Retention rules as data: of which records, how old, what happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from perilune.kernel.messages import gettext_noop as _


class RuleAction(StrEnum):
    """What a rule does."""

    ERASE = "erase"
    ANONYMISE = "anonymise"
    DROP_FILES = "drop_files"
    DROP_LOGS = "drop_logs"


ACTIONS: dict[RuleAction, str] = {
    RuleAction.ERASE: _("Propose erasure, to be approved"),
    RuleAction.ANONYMISE: _("Take the person out of the records"),
    RuleAction.DROP_FILES: _("Delete uploaded files"),
    RuleAction.DROP_LOGS: _("Delete old entries"),
}

FILES = "files"
"""The kind of a rule that speaks of uploaded files."""


@dataclass(frozen=True)
class Rule:
    """One rule. kind: of record, `FILES`, or the name of a log. author: none of a shipped rule.

    field, value: only records whose field has it; empty for all of the kind.
    date_field: whose date tells the age: a field of the kind, or "" for the last thing known of the
    record (its latest change or activity). days: how old.
    """

    id: int
    name: str
    kind: str
    field: str
    value: str
    date_field: str
    days: int
    action: RuleAction
    is_enabled: bool
    author: str
    approved_by: str = ""


@dataclass(frozen=True)
class RuleCount:
    """What a rule would do on a day: how many, and the oldest of them."""

    rule: Rule
    count: int
    oldest: date | None


@dataclass(frozen=True)
class RuleRun:
    """One run of a rule: when, over how many, what came of it."""

    rule_id: int
    rule_name: str
    at: datetime
    found: int
    done: int
    action: RuleAction
