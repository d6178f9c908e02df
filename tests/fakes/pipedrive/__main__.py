"""Serve a small account until Ctrl-C: python -m tests.fakes.pipedrive --port 8125."""

from __future__ import annotations

from tests.fakes.common.terminal import until_stopped
from tests.fakes.pipedrive import serve
from tests.fakes.pipedrive.made import filled
from tests.fakes.pipedrive.more import more

until_stopped(lambda deals, port: serve(more(filled(deals)), port=port), 8125)
