"""What privacy itself holds of people: the grounds of consent, and who did what."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

TABLES = (
    PersonalTable(
        "privacy.ConsentEntry", names=("actor",), holds=("source",),
        free=("kind", "purpose", "basis", "state"),
    ),
    PersonalTable(
        "privacy.Dossier", names=("opened_by", "asked_by", "approved_by"),
        # numbers of records, counts and keyed hashes; sealed is encrypted, and emptied at the end
        free=("records", "state", "ground", "found", "chosen", "sealed", "erased", "proof"),
    ),
    PersonalTable("privacy.Suppressed", free=("digest", "sort", "kind")),
    PersonalTable(
        "privacy.RetentionRule", names=("author", "approved_by"), holds=("name", "value"),
        free=("kind", "field", "date_field", "action"),
    ),
    PersonalTable("privacy.RetentionRun", names=("actor",), free=("action",)),
)  # fmt: skip
