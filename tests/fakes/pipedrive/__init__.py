"""A Pipedrive of our own: API v2 (and what v1 alone has) as far as the connector speaks it.

`python -m tests.fakes.pipedrive --port 8125` serves an account: a trial without one.
"""

from tests.fakes.common import CLIENT, SECRET
from tests.fakes.pipedrive.account import Account
from tests.fakes.pipedrive.server import Serving, serve

__all__ = ["CLIENT", "SECRET", "Account", "Serving", "serve"]
