"""The command line: one home is one company, named by --home or PERILUNE_HOME.

It speaks --language, else the language of the home's company, else the terminal's.
Exit codes: 0 done, 1 internal error, 2 usage, 3 done with rows withheld, 4 nothing applied.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from perilune.kernel.errors import Conflict, PeriluneError, Refused, Unavailable
from perilune.site.home import DEFAULT_HOME, DEMO_HOME, Home

LANGUAGES = ("en", "fr")
GLOBAL = ("--home", "--as", "--language")
NOTHING_APPLIED = 4
USAGE = 2


def main() -> None:
    """Choose the home, set Django up for it, and run the command."""
    language = _choose_language(sys.argv)
    _choose_home(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
    import django
    from django.conf import settings

    from perilune.ui.catalogues import compile_all

    settings.PERILUNE_FILLS_AT_ONCE = False
    compile_all()
    django.setup()
    _speak(language)
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


def _choose_language(arguments: list[str]) -> str:
    """Take --language off the arguments; after `init` and `user` it is their own option."""
    at = next((i for i, word in _verbs(arguments)), len(arguments))
    own = arguments[at : at + 1] in (["init"], ["user"])
    before, after = arguments[:at], arguments[at:]
    chosen = _taken(before, "--language")
    if chosen is None and not own:
        chosen = _taken(after, "--language")
    arguments[:] = before + after
    if chosen is not None and chosen not in LANGUAGES:
        sys.stderr.write(f"--language: {' | '.join(LANGUAGES)}\n")
        raise SystemExit(USAGE)
    return chosen or ""


def _verbs(arguments: list[str]) -> Iterator[tuple[int, str]]:
    """Give the words that are neither options nor the values of the global ones."""
    is_value = False
    for at, word in enumerate(arguments[1:], 1):
        if not is_value and not word.startswith("-"):
            yield at, word
        is_value = word in GLOBAL and not is_value


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


def _speak(chosen: str) -> None:
    """Speak the language that was chosen, else the company's, else the terminal's."""
    from django.utils import translation

    translation.activate(chosen or _company_language() or _terminal_language())


def _company_language() -> str:
    """Return the language of the home's company; "" where there is no company yet."""
    from django.db import DatabaseError

    from perilune.people.queries import company_or_none

    if not Home.from_environment().exists():
        return ""
    try:
        found = company_or_none()
    except DatabaseError:
        return ""
    return found.language if found is not None and found.language in LANGUAGES else ""


def _terminal_language() -> str:
    """Return the first language of the terminal that is spoken here, else English."""
    of = os.environ.get
    spoken = of("LC_ALL") or of("LC_MESSAGES") or of("LANG") or ""
    # as GNU gettext has it: LANGUAGE is a list that rules, but not over the plain C locale
    listed = of("LANGUAGE", "") if spoken not in ("", "C", "POSIX") else ""
    words = [word[:2].lower() for word in (*listed.split(":"), spoken)]
    return next((word for word in words if word in LANGUAGES), "en")


def _translated(error: PeriluneError) -> str:
    from django.utils.translation import gettext

    message = gettext(error.message)
    return message % error.params if error.params else message
