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

__all__ = [
    "Assumption",
    "LetterStep",
    "Plan",
    "PlanComment",
    "PlanContent",
    "PlanEdit",
    "PlanTask",
    "PotentialField",
    "QuotaLetter",
    "Scenario",
    "Segmentation",
    "SegmentationRun",
]
