"""Serve a small account until Ctrl-C: python -m tests.fakes.pipedrive --port 8125."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress

from tests.fakes.pipedrive import CLIENT, SECRET, serve
from tests.fakes.pipedrive.made import filled


def main() -> None:
    """Serve."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=8125)
    options.add_argument("--deals", type=int, default=200)
    given = options.parse_args()
    with serve(filled(given.deals), port=given.port) as serving:
        token, _refresh = serving.doors.session()
        told = f"{serving.address} token {token} (OAuth: client {CLIENT} secret {SECRET})\n"
        sys.stdout.write(told)
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


main()
