"""A real CRM to sync from: `python tools/peer_crm.py run -- COMMAND`.

BottleCRM (PyPI `django-crm`, MIT) in an environment of its own, on a PostgreSQL made for it, with
seeded companies. COMMAND sees where it is as PERILUNE_PEER_ADDRESS, PERILUNE_PEER_TOKEN and
PERILUNE_PEER_DATABASE. What was started is stopped by its own id when COMMAND ends.

Without a Python 3.12 or later on this machine it says so and ends well: the stage is left out.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import postgres

OLDEST = (3, 12)
LOCK = Path(__file__).resolve().parent.parent / "requirements" / "peer.lock"
KEPT = Path(tempfile.gettempdir()) / "perilune-peer"
ADMIN = "ops@peer.example"
READY_SECONDS = 90
SEED = {"accounts": 40, "contacts": 80, "leads": 70, "opportunities": 90, "seed": 7}
_SAID = "import sys; print(*sys.version_info[:2])"


def interpreter() -> Path | None:
    """The first Python that is new enough: on the PATH, else of pyenv."""
    roots = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"]
    found = [p for minor in (12, 13, 14) if (p := shutil.which(f"python3.{minor}"))]
    found += [str(p) for root in roots for p in sorted(root.glob("3.*/bin/python"))]
    for path in (*found, sys.executable):
        told = subprocess.run([path, "-c", _SAID], check=False, capture_output=True, text=True)
        if told.returncode == 0 and tuple(map(int, told.stdout.split())) >= OLDEST:
            return Path(path)
    return None


def environment(python: Path) -> Path:
    """The programs of the peer, installed once for each state of its lock."""
    folder, stamp = KEPT / "venv", KEPT / "lock"
    if stamp.exists() and stamp.read_bytes() == LOCK.read_bytes():
        return folder / "bin"
    say("installing the peer")
    shutil.rmtree(KEPT, ignore_errors=True)
    KEPT.mkdir(parents=True)
    subprocess.run([python, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True, stderr=subprocess.DEVNULL)
    stamp.write_bytes(LOCK.read_bytes())
    return folder / "bin"


def settings(url: str) -> dict[str, str]:
    """What the peer is told: its database, nothing of mail, no limits that a test would meet."""
    host, _sign, rest = url.partition("@")[2].partition(":")
    port, _sign, name = rest.partition("/")
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PERILUNE", "DJANGO"))},
        "DJANGO_SETTINGS_MODULE": "crm.settings", "DEBUG": "True", "ENV_TYPE": "dev",
        "SECRET_KEY": secrets.token_urlsafe(48), "DBHOST": host, "DBPORT": port, "DBNAME": name,
        "DBUSER": postgres.ROLE, "DBPASSWORD": "unused", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip


def admin(programs: Path, told: dict[str, str], *words: str) -> str:
    """What one of the peer's own commands says."""
    command = [programs / "python", "-m", "django", *words]
    done = subprocess.run(command, check=False, env=told, capture_output=True, text=True, cwd=KEPT)
    if done.returncode:
        raise SystemExit(
            f"the peer failed at {words[0]}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def filled(programs: Path, told: dict[str, str]) -> str:
    """Make its tables and seed them; the token of its administrator."""
    say("making the peer's tables (some two minutes)")
    admin(programs, told, "migrate", "-v", "0")
    say("seeding the peer")
    numbers = [f"--{name}={number}" for name, number in SEED.items()]
    none = [f"--{name}=0" for name in ("invoices", "estimates", "recurring-invoices")]
    admin(programs, told, "seed_data", "--email", ADMIN, "--no-input", *numbers, *none)
    return token_of(programs, told)


def token_of(programs: Path, told: dict[str, str]) -> str:
    """A token of the administrator, bound to the only organisation that was seeded."""
    code = "from common.models import Profile; print('org', Profile.objects.filter(" \
           f"user__email='{ADMIN}').first().org_id)"  # fmt: skip
    lines = admin(programs, told, "shell", "-c", code).splitlines()
    org = next(line.split()[1] for line in lines if line.startswith("org "))
    said = admin(programs, told, "devlogin", ADMIN, "--org", org)
    words = [word.strip('",') for word in said.split()]
    return next(word for word in words if word.startswith("ey") and word.count(".") == 2)


@contextlib.contextmanager
def served(programs: Path, told: dict[str, str]) -> Iterator[str]:
    """Serve the peer on a free port of the loopback, and give its address."""
    port = postgres.free_port()
    command = [programs / "python", "-m", "django", "runserver", "--noreload", f"127.0.0.1:{port}"]
    with (KEPT / "log").open("wb") as log:
        server = subprocess.Popen(
            command, env=told, stdout=log, stderr=log, cwd=KEPT, start_new_session=True
        )
    try:
        wait(server, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        postgres.stop(server)


def wait(server: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when the peer answers; show its log when it does not."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=5)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.3)
    raise SystemExit("the peer did not start:\n" + (KEPT / "log").read_text()[-4000:])


def say(text: str) -> None:
    sys.stderr.write(f"peer: {text}\n")
    sys.stderr.flush()


def main(arguments: list[str]) -> int:
    """Run the command after `run --` beside a peer of its own; its exit code is ours."""
    if arguments[:2] != ["run", "--"] or not arguments[2:]:
        raise SystemExit(__doc__)
    python = interpreter()
    if python is None:
        say(f"left out: no Python {OLDEST[0]}.{OLDEST[1]} or later on the PATH or under PYENV_ROOT")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    programs = environment(python)
    with postgres.cluster() as url:
        told = settings(url)
        token = filled(programs, told)
        with served(programs, told) as address:
            more = {"PERILUNE_PEER_ADDRESS": address, "PERILUNE_PEER_TOKEN": token,
                    "PERILUNE_PEER_DATABASE": url}  # fmt: skip
            say(json.dumps({"address": address, "database": url}))
            return subprocess.run(arguments[2:], check=False, env={**os.environ, **more}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
