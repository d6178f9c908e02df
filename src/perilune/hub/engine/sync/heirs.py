"""What merged rows live on as, through merges of merges."""

from __future__ import annotations

from collections.abc import Mapping


def settled(heirs: Mapping[str, str]) -> dict[str, str]:
    """Return what each key lives on as in the end; itself where its merges lead into a circle.

    heirs: key -> what it was merged into, "" for a row that was only deleted.
    """
    return {key: _end(heirs, key) if heir else "" for key, heir in heirs.items()}


def _end(heirs: Mapping[str, str], key: str) -> str:
    passed, at = {key}, key
    while heir := heirs.get(at, ""):
        if heir in passed:
            return key
        passed.add(heir)
        at = heir
    return at
