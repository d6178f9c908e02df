"""Reads of people: the company, the gate's answers, the organisation as-of, store tables."""

from perilune.people.queries.access import (
    holdings,
    home_owner,
    people,
    person,
    person_named,
    person_names,
    personal_scope_for,
    rep_choices,
    rep_languages,
    rights_of,
    scope_for,
    total_scope_for,
    user_named,
    users_behind,
    who_can,
    work_language,
)
from perilune.people.queries.acting import acting, require_export
from perilune.people.queries.checking import is_self_approved, may_approve
from perilune.people.queries.company import (
    calendar_version,
    company,
    company_or_none,
    settings_values,
    writing_time,
)
from perilune.people.queries.duties import findings, team_loads
from perilune.people.queries.flaws import KINDS as FLAW_KINDS
from perilune.people.queries.flaws import organisation_flaws
from perilune.people.queries.leaving import fte_with_and_without
from perilune.people.queries.organisation import (
    absences_as_of,
    assignments_as_of,
    budget_rates,
    employments_as_of,
    fte_of_reps,
    quota_spans,
    quotas_as_of,
    reps_as_of,
    target,
    teams_as_of,
    teams_below,
)
from perilune.people.queries.tables import store_tables
from perilune.people.queries.tokens import (
    TOKEN_PREFIX,
    TokenInfo,
    token_digest,
    tokens_of,
    user_of_token,
)

__all__ = [
    "FLAW_KINDS",
    "TOKEN_PREFIX",
    "TokenInfo",
    "absences_as_of",
    "acting",
    "assignments_as_of",
    "budget_rates",
    "calendar_version",
    "company",
    "company_or_none",
    "employments_as_of",
    "findings",
    "fte_of_reps",
    "fte_with_and_without",
    "holdings",
    "home_owner",
    "is_self_approved",
    "may_approve",
    "organisation_flaws",
    "people",
    "person",
    "person_named",
    "person_names",
    "personal_scope_for",
    "quota_spans",
    "quotas_as_of",
    "rep_choices",
    "rep_languages",
    "reps_as_of",
    "require_export",
    "rights_of",
    "scope_for",
    "settings_values",
    "store_tables",
    "target",
    "team_loads",
    "teams_as_of",
    "teams_below",
    "token_digest",
    "tokens_of",
    "total_scope_for",
    "user_named",
    "user_of_token",
    "users_behind",
    "who_can",
    "work_language",
    "writing_time",
]
