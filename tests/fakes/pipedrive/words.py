"""How the fake account words a refusal."""

from __future__ import annotations

from tests.fakes.common import Answer, answered


def refused(status: int, error: str, **headers: str) -> Answer:
    """Return an error in Pipedrive's shape."""
    found = answered({"success": False, "error": error, "errorCode": status}, status)
    found.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
    return found
