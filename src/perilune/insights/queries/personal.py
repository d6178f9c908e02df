"""What insights hold of people: a model may know a level of a field by name; it is learnt again."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from perilune.kernel.personal import Codec, PersonalTable


def _facts(data: bytes) -> Any:
    """Return what a packed model says in words."""
    with np.load(io.BytesIO(bytes(data)), allow_pickle=False) as found:
        return found["facts"].tobytes().decode()


TABLES = (
    PersonalTable(
        "insights.OutlookModel",
        packed={"payload": Codec(opened=_facts, closed=str.encode)},
        free=("digest",),
        is_dropped=True,
    ),
)
