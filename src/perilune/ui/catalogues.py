"""Compile the message catalogues (.po) of every capability to what gettext reads (.mo)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parent.parent


def catalogues(root: Path = PACKAGE) -> Iterator[Path]:
    """Give every catalogue: <capability>/locale/<language>/LC_MESSAGES/django.po."""
    yield from sorted(root.glob("*/locale/*/LC_MESSAGES/django.po"))


def compile_one(source: Path) -> bool:
    """Compile a catalogue unless the compiled one is newer; tell whether it was compiled."""
    target = source.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
        return False
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with source.open("rb") as file:
        catalogue = read_po(file, locale=source.parent.parent.name)
    # replaced at once: another process may be starting and reading it
    scratch = target.with_suffix(f".{os.getpid()}.tmp")
    with scratch.open("wb") as file:
        write_mo(file, catalogue)
    scratch.replace(target)
    return True


def compile_all(root: Path = PACKAGE) -> list[Path]:
    """Compile what is out of date; return the catalogues that were compiled."""
    return [source for source in catalogues(root) if compile_one(source)]
