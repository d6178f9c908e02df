"""A Salesforce of our own: its protocol as far as the connector speaks it, with faults on demand.

`python -m tests.fakes.salesforce --port 8123` serves an org: a trial without an account.
"""

from tests.fakes.common import Fault, Faults
from tests.fakes.salesforce.org import Org
from tests.fakes.salesforce.server import CLIENT, SECRET, Serving, serve

__all__ = ["CLIENT", "SECRET", "Fault", "Faults", "Org", "Serving", "serve"]
