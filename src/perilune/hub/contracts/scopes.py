"""What a connection must be allowed for writing, in the words of each system."""

from __future__ import annotations

from collections.abc import Mapping

WRITING: Mapping[str, Mapping[str, str]] = {
    "hubspot": {
        name: f"crm.objects.{name}.write" for name in ("deals", "contacts", "companies", "leads")
    },
    "pipedrive": {
        "deals": "deals:full", "persons": "contacts:full", "organizations": "contacts:full",
    },
}  # fmt: skip
"""Provider: object: the scope without which it refuses a write. Others know none for writing."""

MISSING = "MISSING_SCOPES"
"""The code of a write that was refused for want of a scope."""
