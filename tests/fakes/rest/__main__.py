"""Serve a small interface until Ctrl-C: python -m tests.fakes.rest --port 8126 --paging next."""

from __future__ import annotations

import argparse
import sys
import threading
from contextlib import suppress

from tests.fakes.rest import serve
from tests.fakes.rest.server import filled


def main() -> None:
    """Serve."""
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=8126)
    options.add_argument("--deals", type=int, default=200)
    options.add_argument("--paging", default="page")
    given = options.parse_args()
    interface = filled(given.deals)
    interface.paging = given.paging
    with serve(interface, port=given.port) as serving:
        token, _refresh = serving.doors.session()
        sys.stdout.write(f"{serving.address} token {token} (/api/deals, /api/companies)\n")
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):
            threading.Event().wait()


main()
