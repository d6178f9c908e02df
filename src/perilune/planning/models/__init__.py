"""Records: scenarios (projections of the history) and annual plans."""

from perilune.planning.models.letters import LetterStep, QuotaLetter
from perilune.planning.models.plans import (
    Plan,
    PlanComment,
    PlanContent,
    PlanEdit,
    PlanTask,
)
from perilune.planning.models.records import Assumption, Scenario
from perilune.planning.models.segments import PotentialField, Segmentation, SegmentationRun
from perilune.planning.models.workbooks import PlanReturn, PlanWorkbook

__all__ = [
    "Assumption",
    "LetterStep",
    "Plan",
    "PlanComment",
    "PlanContent",
    "PlanEdit",
    "PlanReturn",
    "PlanTask",
    "PlanWorkbook",
    "PotentialField",
    "QuotaLetter",
    "Scenario",
    "Segmentation",
    "SegmentationRun",
]
