"""What `people` holds of people beside its records: users, their tokens, the company."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

TABLES = (
    PersonalTable(
        "people.User", names=("username",),
        holds=("first_name", "last_name", "email", "display_name"),
        free=("password",), is_own=True,
    ),
    PersonalTable("people.AccessToken", holds=("name",), free=("digest",)),
    PersonalTable(
        "people.CompanySettings", holds=("name", "inclusion_rule"),
        free=("currency", "timezone", "country", "short_years"),
    ),
)  # fmt: skip
