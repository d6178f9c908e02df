"""What the CRM holds of people beside its records: saved views, whose conditions may name one."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from perilune.kernel.personal import Codec, PersonalTable

_QUERY = Codec(
    opened=lambda text: parse_qsl(str(text), keep_blank_values=True),
    closed=urlencode,
)

TABLES = (
    PersonalTable(
        "crm.SavedView", names=("owner",), holds=("name",), packed={"query": _QUERY}, free=("kind",)
    ),
)
