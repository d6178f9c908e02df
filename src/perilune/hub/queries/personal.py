"""What the hub holds of people: quarantine, questions, mappings, duplicates, runs of syncs."""

from __future__ import annotations

from perilune.kernel.personal import PersonalTable

TABLES = (
    PersonalTable(
        "hub.Connection", holds=("name", "objects_read", "health"),
        free=("provider", "address", "credentials"),  # credentials are encrypted
    ),
    PersonalTable(
        "hub.SyncRun", names=("actor",),
        holds=("place", "counts", "notices", "message", "message_params"),
        free=("mode", "state", "import_ids"),
    ),
    PersonalTable("hub.Proof", holds=("rows",), free=("object", "month")),
    PersonalTable(
        "hub.DuplicateSearch", names=("actor",), holds=("fields", "quality"), free=("kind",)
    ),
    PersonalTable("hub.DuplicateGroup", free=("ids", "rule", "state")),
    PersonalTable("hub.DuplicatePair", holds=("parts",)),
    PersonalTable("hub.DuplicateAnswer", names=("actor",), free=("kind",)),
    PersonalTable("hub.LeadRules", names=("actor",), free=("rules",)),  # ids of teams and reps
    PersonalTable("hub.LeadRun", names=("actor",), free=("turns", "in_turn")),
    PersonalTable("hub.MassMerge", names=("actor",), free=("kind", "change_set_ids")),
    PersonalTable("hub.SurvivorRules", free=("kind", "rules", "sources")),
    PersonalTable(
        "hub.ImportRun", names=("actor",),
        holds=(
            "title", "path", "tables", "mappings", "guess", "notices", "counts", "makes", "message",
            "message_params",
        ),
        free=("source", "state", "repair_set_ids"),
    ),
    PersonalTable("hub.SavedMapping", holds=("mapping",), free=("source", "file")),
    PersonalTable(
        "hub.Reconciliation", names=("actor",), holds=("title", "file", "filters"),
        free=("source", "scope", "currency", "counts"),
    ),
    PersonalTable(
        "hub.ReconciledRow", holds=("key", "was", "now", "label"), free=("cause",)
    ),
    PersonalTable("hub.WriteRule", free=("object", "policies", "external", "match", "sign")),
    PersonalTable(
        "hub.WriteBatch", names=("actor", "confirmed_by"),
        holds=("purpose", "message", "message_params"), free=("source", "state", "taken", "verb"),
    ),
    PersonalTable(
        "hub.WriteLine", names=("decided_by",),
        holds=(
            "title", "key", "known", "wanted", "found", "after", "text", "was", "decided_on",
            "reason",
        ),
        free=("object", "kind", "field", "column", "policy", "state", "decision", "code"),
    ),
    # what a value of a file meant: with the person it means nothing any more
    PersonalTable(
        "hub.Repair", holds=("value", "meant"), free=("source", "kind", "field"), is_dropped=True
    ),
    PersonalTable(
        "hub.RowProblem", holds=("file", "key", "column", "value", "suggestion", "raw"),
        free=("kind", "field", "code", "state"),
    ),
    PersonalTable(
        "hub.MissingAnswer", holds=("key",), free=("source", "kind", "answer"), is_dropped=True
    ),
)  # fmt: skip
