"""The command line: one home is one company, named by --home or PERILUNE_HOME.

Exit codes: 0 done, 1 internal error, 2 usage, 3 done with rows withheld, 4 nothing applied.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from perilune.kernel.errors import Conflict, PeriluneError, Refused, Unavailable
from perilune.site.home import DEFAULT_HOME, DEMO_HOME, Home

NOTHING_APPLIED = 4
USAGE = 2


def main() -> None:
    """Choose the home, set Django up for it, and run the command."""
    _choose_home(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    import django

    from perilune.ui.catalogues import compile_all

    compile_all()
    django.setup()
    _speak()
    from perilune.site.commands import mount

    app = mount(next((word for word in sys.argv[1:] if not word.startswith("-")), ""))
    try:
        app(standalone_mode=True)
    except PeriluneError as error:
        sys.stderr.write(_translated(error) + "\n")
        raise SystemExit(
            NOTHING_APPLIED if isinstance(error, Conflict | Refused | Unavailable) else USAGE
        ) from None


def _choose_home(arguments: list[str]) -> None:
    """Take --home and --as off the arguments before Django reads its settings."""
    for option, variable in (("--home", "PERILUNE_HOME"), ("--as", "PERILUNE_AS")):
        value = _taken(arguments, option)
        if value is not None:
            os.environ[variable] = value
    verb = next((word for word in arguments[1:] if not word.startswith("-")), "")
    if "PERILUNE_HOME" not in os.environ and verb in ("run", "demo"):
        has_company = verb == "run" and Home(Path(DEFAULT_HOME)).exists()
        os.environ["PERILUNE_HOME"] = DEFAULT_HOME if has_company else DEMO_HOME
    if verb in ("init", "demo", "run"):
        Home.from_environment().prepare()  # the secret must stand before the settings read it


def _taken(arguments: list[str], option: str) -> str | None:
    for at, argument in enumerate(arguments[1:], 1):
        if argument.startswith(option + "="):
            del arguments[at]
            return argument.split("=", 1)[1]
        if argument == option:
            if at + 1 >= len(arguments):
                sys.stderr.write(f"{option} needs a value\n")
                raise SystemExit(USAGE)
            value = arguments[at + 1]
            del arguments[at : at + 2]
            return value
    return None


def _speak() -> None:
    """Speak the language of the terminal, where it is French, else English."""
    from django.utils import translation

    spoken = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG", "")
    translation.activate("fr" if spoken.lower().startswith("fr") else "en")


def _translated(error: PeriluneError) -> str:
    from django.utils.translation import gettext

    message = gettext(error.message)
    return message % error.params if error.params else message
