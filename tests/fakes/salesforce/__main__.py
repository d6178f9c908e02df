"""Serve a small org until Ctrl-C: python -m tests.fakes.salesforce --port 8123."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress

from tests.fakes.salesforce import CLIENT, SECRET, serve
from tests.fakes.salesforce.made import filled


def main() -> None:
    """Serve."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=8123)
    options.add_argument("--deals", type=int, default=200)
    given = options.parse_args()
    with serve(filled(given.deals), port=given.port) as serving:
        sys.stdout.write(f"{serving.address} client {CLIENT} secret {SECRET}\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


main()
