"""Records: scenarios (projections of the history) and annual plans."""

from perilune.planning.models.capacity import ReturnsChosen
from perilune.planning.models.hiring import HiringAdvice
from perilune.planning.models.kpi import PlanKpi
from perilune.planning.models.letters import LetterStep, QuotaLetter
from perilune.planning.models.long_view import LongVersion
from perilune.planning.models.plans import (
    Plan,
    PlanComment,
    PlanContent,
    PlanEdit,
    PlanTask,
)
from perilune.planning.models.records import Assumption, Scenario
from perilune.planning.models.segments import PotentialField, Segmentation, SegmentationRun
from perilune.planning.models.sharing import ScenarioComment, ScenarioProposal
from perilune.planning.models.workbooks import PlanReturn, PlanWorkbook, WorkbookMail

__all__ = [
    "Assumption",
    "HiringAdvice",
    "LetterStep",
    "LongVersion",
    "Plan",
    "PlanComment",
    "PlanContent",
    "PlanEdit",
    "PlanKpi",
    "PlanReturn",
    "PlanTask",
    "PlanWorkbook",
    "PotentialField",
    "QuotaLetter",
    "ReturnsChosen",
    "Scenario",
    "ScenarioComment",
    "ScenarioProposal",
    "Segmentation",
    "SegmentationRun",
    "WorkbookMail",
]
