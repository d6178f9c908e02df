"""Serve a small org until Ctrl-C: python -m tests.fakes.salesforce --port 8123."""

from __future__ import annotations

from tests.fakes.common.terminal import until_stopped
from tests.fakes.salesforce import serve
from tests.fakes.salesforce.made import filled

until_stopped(lambda deals, port: serve(filled(deals), port=port), 8123, has_token=False)
