"""A HubSpot of our own: CRM v3 as far as the connector and the vendor's client speak it.

`python -m tests.fakes.hubspot --port 8124` serves an account: a trial without one.
"""

from tests.fakes.common import CLIENT, SECRET
from tests.fakes.hubspot.portal import Portal
from tests.fakes.hubspot.server import Serving, serve

__all__ = ["CLIENT", "SECRET", "Portal", "Serving", "serve"]
