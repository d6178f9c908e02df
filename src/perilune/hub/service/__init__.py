"""Verbs of the imports."""

from perilune.hub.service.applies import import_apply, import_release
from perilune.hub.service.choosing import (
    ColumnChoice,
    TableChoice,
    import_choices,
    import_choose,
    missing_of,
    set_options,
)
from perilune.hub.service.common import Progress
from perilune.hub.service.ending import import_cancel, import_rollback, recover
from perilune.hub.service.jobs import JOBS, import_start
from perilune.hub.service.lookalikes.deciding import choose as choose_alikes
from perilune.hub.service.lookalikes.showing import Beside, choices_of, look_alikes
from perilune.hub.service.merging import merge, merge_preview, merge_undo, rules_of, set_rules
from perilune.hub.service.opening import doubts_of, import_map, import_open, source_question
from perilune.hub.service.preview import Sample, import_preview
from perilune.hub.service.readings import import_read
from perilune.hub.service.repairs import answer_missing, dismiss, repair
from perilune.hub.service.watching import watch_folder

__all__ = [
    "JOBS",
    "Beside",
    "ColumnChoice",
    "Progress",
    "Sample",
    "TableChoice",
    "answer_missing",
    "choices_of",
    "choose_alikes",
    "dismiss",
    "doubts_of",
    "import_apply",
    "import_cancel",
    "import_choices",
    "import_choose",
    "import_map",
    "import_open",
    "import_preview",
    "import_read",
    "import_release",
    "import_rollback",
    "import_start",
    "look_alikes",
    "merge",
    "merge_preview",
    "merge_undo",
    "missing_of",
    "recover",
    "repair",
    "rules_of",
    "set_options",
    "set_rules",
    "source_question",
    "watch_folder",
]
