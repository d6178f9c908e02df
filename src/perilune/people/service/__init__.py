"""Verbs of people: the company, its users, its organisation."""

from perilune.people.service.company import company_change, company_init, note_import
from perilune.people.service.mailing import Outgoing, deliver, has_mail_server, site_url
from perilune.people.service.organisation import (
    absence_add,
    quota_set,
    rate_set,
    rep_hire,
    rep_leave,
    rep_move,
    rep_stay,
    team_add,
)
from perilune.people.service.tokens import token_create, token_revoke
from perilune.people.service.users import (
    user_add,
    user_change_role,
    user_end,
    user_erase,
    user_set_active,
    user_set_data_officer,
    user_set_language,
    user_set_password,
)

__all__ = [
    "Outgoing",
    "absence_add",
    "company_change",
    "company_init",
    "deliver",
    "has_mail_server",
    "note_import",
    "quota_set",
    "rate_set",
    "rep_hire",
    "rep_leave",
    "rep_move",
    "rep_stay",
    "site_url",
    "team_add",
    "token_create",
    "token_revoke",
    "user_add",
    "user_change_role",
    "user_end",
    "user_erase",
    "user_set_active",
    "user_set_data_officer",
    "user_set_language",
    "user_set_password",
]
