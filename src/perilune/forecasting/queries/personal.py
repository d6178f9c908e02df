"""What the forecast holds of people: names of reps in recorded runs and figures, departures."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

TABLES = (
    PersonalTable(
        "forecasting.PeriodStep", names=("actor",), holds=("reason", "checklist", "figures"),
        free=("period", "step", "currency"),
    ),
    PersonalTable(
        "forecasting.PlannedDeparture", names=("author", "shared_with", "closed_user", "log"),
        holds=("terms", "moved", "problem"), free=("standing",),
    ),
    PersonalTable(
        "forecasting.ForecastRun", names=("actor",), holds=("scope_label", "rows", "parameters"),
        free=("period", "by", "scope_digest", "currency", "inputs_digest", "method"),
    ),
)  # fmt: skip
