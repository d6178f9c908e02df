"""Samples of verbs and of work that takes its time."""

from __future__ import annotations

from dataclasses import replace

from perilune.ui.contracts import (
    Action,
    Confirm,
    Empty,
    ProblemReport,
    Steps,
    StepState,
    Toast,
    Tone,
)
from perilune.ui.web.samples.kinds import Group, Sample


def doing() -> list[Group]:
    running = Steps(
        "Import of opportunities.csv",
        StepState.RUNNING,
        5_200,
        8_800,
        "Validating rows",
        42,
        [("Read", StepState.DONE), ("Validate", StepState.RUNNING), ("Apply", StepState.WAITING)],
        cancel_url="#cancel",
    )
    disk = ProblemReport(
        "The disk is full",
        "Free 200 MB, then continue: it goes on where it stopped.",
        "Only 3 MB are left.",
        "opportunities.csv, line 5,200",
        "Nothing was lost; 5,000 rows are in.",
        [Action("Continue", "#go", "post", is_primary=True)],
    )
    return [
        Group(
            "action",
            "A verb of the page.",
            "Going elsewhere inside a sentence: use a link.",
            [
                Sample(
                    "primary, with key",
                    Action(
                        "Publish from 1 January",
                        "#",
                        is_primary=True,
                        shortcut="p",
                        consequence="Quotas are visible to all reps.",
                    ),
                ),
                Sample("with icon", Action("Export", "#", icon="download")),
                Sample(
                    "dangerous, by form", Action("Erase contact", "#", "post", is_dangerous=True)
                ),
                Sample(
                    "refused, says why",
                    Action(
                        "Approve", "#", refused="You made this plan; another person approves it."
                    ),
                ),
            ],
        ),
        Group(
            "confirm",
            "Only what cannot be undone.",
            "What can be undone: do it and offer undo.",
            [
                Sample(
                    "with a word to type",
                    Confirm(
                        "Erase Jeanne Dupont",
                        "Her name leaves every version of the data. Counts and amounts stay.",
                        Action("Erase this person", "#erase", "post"),
                        "#",
                        "Dupont",
                    ),
                ),
            ],
        ),
        Group(
            "toast",
            "After a verb, with its undo.",
            "Problems with input: say them at the field.",
            [
                Sample("with undo", Toast("Deal moved to Negotiation.", "#undo", Tone.GOOD)),
                Sample(
                    "problem",
                    Toast("Somebody else changed it first; nothing was written.", tone=Tone.ACT),
                ),
            ],
        ),
        Group(
            "steps",
            "Work of more than a second.",
            "Less than that: just do it.",
            [
                Sample("running", running),
                Sample(
                    "done",
                    replace(
                        running,
                        state=StepState.DONE,
                        message="8,800 rows are in, 1,425 with a warning.",
                        stages=(),
                        result=Action("See what changed", "#", is_primary=True),
                    ),
                ),
                Sample(
                    "stopped",
                    replace(
                        running,
                        state=StepState.FAILED,
                        stages=[("Read", StepState.DONE), ("Validate", StepState.FAILED)],
                        message="",
                        problem=disk,
                    ),
                ),
            ],
        ),
        Group(
            "problem",
            "What happened, where, why, what to do.",
            "A hint: say it at the field.",
            [
                Sample("act", disk),
                Sample(
                    "watch",
                    ProblemReport(
                        "3 rates are missing", "Enter the budget rates of USD.", tone=Tone.WATCH
                    ),
                ),
            ],
        ),
        Group(
            "empty",
            "A list without rows.",
            "A value that is unknown: write –.",
            [
                Sample(
                    "default",
                    Empty(
                        "Aucune affaire pour le moment",
                        "Les affaires viennent d’un import du CRM, ou sont saisies ici.",
                        Action("Importer un fichier", "#", is_primary=True),
                    ),
                ),
            ],
        ),
    ]
