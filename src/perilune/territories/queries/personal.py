"""What plans of territories hold of people: who holds what, names of accounts, comments."""

from __future__ import annotations

import json
import zlib

from perilune.kernel.personal import Codec, PersonalTable
from perilune.territories.models.packing import pack_texts, unpack_texts

_TEXTS = Codec(opened=unpack_texts, closed=pack_texts)
_SHAPES = Codec(
    opened=lambda blob: json.loads(zlib.decompress(bytes(blob))),
    closed=lambda found: zlib.compress(json.dumps(found).encode(), 6),
)

TABLES = (
    PersonalTable(
        "territories.Snapshot", holds=("attributes", "holders"), packed={"names": _TEXTS},
        free=("digest", "currency", "arrays"),
    ),
    PersonalTable(
        "territories.ContainerSet", holds=("by", "title", "notes"),
        packed={"names": _TEXTS, "shapes": _SHAPES}, free=("digest", "member", "edges"),
    ),
    PersonalTable(
        "territories.Draft", names=("author", "submitted_by", "checked_by"),
        holds=("name", "layer", "settings", "reason"), free=("state",),
    ),
    PersonalTable("territories.DraftUnits", free=("territory", "locked")),
    PersonalTable("territories.DraftTerritory", holds=("name", "region", "only")),
    PersonalTable(
        "territories.DraftEdit", names=("actor",), holds=("rows",),
        free=("kind", "units", "before", "after"),
    ),
    PersonalTable("territories.DraftComment", names=("actor",), holds=("text",)),
    PersonalTable("territories.Frontier", names=("actor",), holds=("today",), free=("problem",)),
    PersonalTable("territories.FrontierPoint", holds=("facts", "proof"), free=("units",)),
    PersonalTable("territories.RuleEdition", names=("actor",), holds=("rules",), free=("verb",)),
    PersonalTable("territories.RuleApplied", names=("actor",)),
    PersonalTable(
        "territories.RoutingServer", names=("changed_by",), free=("kind", "url", "profile")
    ),
    PersonalTable(
        "territories.DraftTravel", holds=("refused",),
        free=("server", "units", "numbers", "minutes"),
    ),
)  # fmt: skip
