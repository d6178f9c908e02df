"""A throw-away PostgreSQL cluster for tests: `python tools/postgres.py run -- COMMAND`.

COMMAND sees the cluster as DATABASE_URL. The server listens on a free loopback port only, trades
durability for speed, and is stopped and deleted when COMMAND ends.
"""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "64MB",
    "max_connections": "60",
    "autovacuum": "off",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
}
START_SECONDS = 60
ROLE = "perilune"


def binaries() -> Path:
    """The folder of the newest server programs: Debian keeps them out of the PATH."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3])
    )
    found = versions[-1] if versions else shutil.which("initdb")
    if found is None:
        raise SystemExit("PostgreSQL is not installed: initdb was found nowhere")
    return Path(found).resolve().parent


def owner() -> str | None:
    """The user the server runs as: itself refuses root, so root lends the packaged account."""
    return "postgres" if os.geteuid() == 0 else None


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_ready(server: subprocess.Popen[bytes], folder: Path, port: int) -> None:
    """Return when the server takes connections; show its log when it does not."""
    command = [binaries() / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        if subprocess.run(command, check=False).returncode == 0:
            return
        time.sleep(0.1)
    raise SystemExit("PostgreSQL did not start:\n" + (folder / "log").read_text())


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """Run a fresh cluster with an empty database, and give its address."""
    user, port = owner(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="perilune-postgres-"))
    if user:
        account = pwd.getpwnam(user)
        os.chown(folder, account.pw_uid, account.pw_gid)
    lend = {"user": user, "group": user, "extra_groups": []} if user else {}
    data, programs = folder / "data", binaries()
    initdb = [programs / "initdb", "-D", data, "-U", ROLE, "-A", "trust", "-E", "UTF8"]
    initdb += ["--locale=C.UTF-8", "--no-sync"]
    serve = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder]
    serve += [f"--{name}={value}" for name, value in SETTINGS.items()]
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **lend)
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                serve, stdout=log, stderr=log, cwd=folder, start_new_session=True, **lend
            )
        wait_until_ready(server, folder, port)
        create = [programs / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", ROLE, ROLE]
        subprocess.run(create, check=True)
        yield f"postgresql://{ROLE}@127.0.0.1:{port}/{ROLE}"
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def stop(server: subprocess.Popen[bytes]) -> None:
    """Stop the server by its own id: first fast, then at once."""
    for word in (signal.SIGINT, signal.SIGQUIT):
        server.send_signal(word)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=20)
            return
    server.kill()


def main(arguments: list[str]) -> int:
    """Run the command after `run --` with a cluster of its own; its exit code is ours."""
    if arguments[:2] != ["run", "--"] or not arguments[2:]:
        raise SystemExit(__doc__)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with cluster() as url:
        return subprocess.run(
            arguments[2:], check=False, env={**os.environ, "DATABASE_URL": url}
        ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
