"""What the history holds of people: everything; its own verbs reach it (`erasing`)."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

TABLES = (
    PersonalTable("history.Counter", free=("name",)),
    PersonalTable(
        "history.ChangeSet", names=("actor", "retracted_by"), holds=("title",),
        free=("source", "purpose"), is_own=True,
    ),
    PersonalTable("history.Change", holds=("old", "new"), free=("kind", "field"), is_own=True),
    PersonalTable("history.Identity", holds=("key", "sent"), free=("source", "kind"), is_own=True),
    PersonalTable("history.CustomField", holds=("label", "choices"), free=("kind", "key", "type")),
)  # fmt: skip
