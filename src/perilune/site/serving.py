"""Serving: granian for the pages and the queue's worker beside it, both stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from django.utils.translation import gettext as _

from perilune.hub import service as imports
from perilune.jobs import service as jobs
from perilune.kernel.errors import Unavailable
from perilune.people.queries import company, company_or_none
from perilune.privacy.service import ship_rules
from perilune.site.standing import ensure_schedules

HOST = "127.0.0.1"
_GRACE_SECONDS = 10.0


def serve(port: int) -> None:
    """Run the web server and the worker until Ctrl-C, a signal, or the end of either."""
    _refuse_taken(port)
    if company_or_none() is None:
        raise Unavailable("There is no company here yet: run «perilune init».")
    imports.recover()
    jobs.ensure_tick()
    ensure_schedules()
    ship_rules()
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "perilune.site.settings"}
    processes = [
        subprocess.Popen(command, env=environment, start_new_session=True)
        for command in (_web(port), _worker())
    ]
    _say(port)
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    while not stopping and all(process.poll() is None for process in processes):
        time.sleep(0.2)
    _stop(processes)
    if not stopping:
        raise Unavailable("The server or its worker ended by itself; its messages are above.")


def _web(port: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port),
        "--workers", "1", "--blocking-threads", "4", "--log-level", "warning", "--no-ws",
        "perilune.site.wsgi:application",
    ]  # fmt: skip


def _worker() -> list[str]:
    return [sys.executable, "-m", "django", "qcluster"]


def _refuse_taken(port: int) -> None:
    # A second granian on a taken port starts without an error, so ask first.
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((HOST, port)) == 0:
            raise Unavailable("Port %(port)s is taken; choose another with --port.", port=port)


def _say(port: int) -> None:
    found = company()
    sys.stdout.write(f"\n  {found.name}   http://{HOST}:{port}/\n")
    if found.is_demo:
        from perilune.demo.contracts import LOGINS, PASSWORD

        sys.stdout.write(_("  Demo logins, all with the password %s:") % PASSWORD + "\n")
        for username, role in LOGINS.items():
            sys.stdout.write(f"    {username:<12} {_(role)}\n")
    sys.stdout.write(_("  Ctrl-C stops it.") + "\n\n")
    sys.stdout.flush()


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in processes:
        try:
            process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
