"""What plans hold of people: names of reps and units in documents, comments, who did what."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

_BY = ("author", "submitted_by", "checked_by")

TABLES = (
    PersonalTable(
        "planning.Plan", names=(*_BY, "published_by"), holds=("name", "settings", "reason"),
        free=("currency", "state"),
    ),
    PersonalTable("planning.PlanContent", holds=("document",)),
    PersonalTable("planning.PlanEdit", names=("actor",), holds=("changes",), free=("kind",)),
    PersonalTable("planning.PlanComment", names=("actor",), holds=("text", "unit")),
    PersonalTable("planning.ScenarioComment", names=("actor",), holds=("text",)),
    PersonalTable(
        "planning.ScenarioProposal", names=("actor", "checked_by"), holds=("reason",),
        free=("state",),
    ),
    PersonalTable("planning.PlanTask", names=("owner", "done_by"), holds=("title",)),
    PersonalTable("planning.HiringAdvice", names=("actor", "taken_by"), holds=("asked", "answer")),
    PersonalTable(
        "planning.PlanKpi", names=("owner", "actor"), free=("figure", "period", "comparison")
    ),
    PersonalTable(
        "planning.QuotaLetter", names=("made_by",), holds=("lines",), free=("currency", "language")
    ),
    PersonalTable("planning.LetterStep", names=("actor",), free=("kind",)),
    PersonalTable("planning.LongVersion", names=("actor",), holds=("document", "note")),
    PersonalTable(
        "planning.Segmentation", names=_BY, holds=("name", "document", "reason"), free=("state",)
    ),
    PersonalTable("planning.SegmentationRun", names=("actor",)),
    PersonalTable("planning.PotentialField", names=("actor",), free=("field",)),
    PersonalTable(
        "planning.PlanWorkbook", names=("made_by",), holds=("holder", "units", "base"),
        free=("key",),
    ),
    PersonalTable(
        "planning.WorkbookMail", names=("actor", "username"), holds=("address", "problem"),
        free=("token", "language"),
    ),
    PersonalTable("planning.ReturnsChosen", names=("actor",), free=("by",)),
    PersonalTable(
        "planning.PlanReturn", names=("actor",), holds=("who", "file", "base", "cells"),
        free=("state",),
    ),
)  # fmt: skip
