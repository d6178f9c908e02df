"""Serve a small account until Ctrl-C: python -m tests.fakes.hubspot --port 8124."""

from __future__ import annotations

from tests.fakes.common.terminal import until_stopped
from tests.fakes.hubspot import serve
from tests.fakes.hubspot.made import filled
from tests.fakes.hubspot.more import more

until_stopped(lambda deals, port: serve(more(filled(deals)), port=port), 8124)
