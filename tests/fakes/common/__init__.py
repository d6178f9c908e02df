"""What fakes of CRMs share: serving on the loopback, faults on demand, a door for apps.

The faults are those of the fake Salesforce: one list of what goes wrong for all of them.
"""

from tests.fakes.common.doors import CLIENT, SECRET, Doors
from tests.fakes.common.serving import Answer, Fake, answered, serving
from tests.fakes.salesforce.faults import Fault, Faults

__all__ = [
    "CLIENT",
    "SECRET",
    "Answer",
    "Doors",
    "Fake",
    "Fault",
    "Faults",
    "answered",
    "serving",
]
