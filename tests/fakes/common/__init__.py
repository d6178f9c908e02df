"""What fakes of CRMs share: serving on the loopback, faults on demand, a door for apps."""

from tests.fakes.common.doors import CLIENT, SECRET, Doors
from tests.fakes.common.faults import Fault, Faults
from tests.fakes.common.serving import Answer, Fake, answered, serving
from tests.fakes.common.writes import Rule, Writes

__all__ = [
    "CLIENT",
    "SECRET",
    "Answer",
    "Doors",
    "Fake",
    "Fault",
    "Faults",
    "Rule",
    "Writes",
    "answered",
    "serving",
]
