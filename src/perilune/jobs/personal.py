"""What the queue holds of people: arguments, places and results of jobs may name somebody."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

TABLES = (
    PersonalTable(
        "jobs.Job", names=("actor",),
        holds=("params", "cursor", "message", "message_params", "error", "result"), free=("kind",),
    ),
    PersonalTable("jobs.Schedule", holds=("name", "label", "params"), free=("kind", "zone")),
)  # fmt: skip
