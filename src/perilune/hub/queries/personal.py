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
    PersonalTable("hub.QualityVersion", names=("actor",), free=("key", "kind", "body")),
    PersonalTable(
        "hub.QualityPass", names=("actor", "ended_by"), holds=("reason",),
        free=("rule", "kind", "verdict"),
    ),
    PersonalTable(
        "hub.ImpliedChoice", names=("actor",), holds=("evidence",),
        free=("kind", "field", "how", "by", "choice"),
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
    # a proposal about an erased person means nothing any more
    PersonalTable(
        "hub.RepairProposal", holds=("old", "new", "found"),
        free=("kind", "field", "rule", "origin", "state"), is_dropped=True,
    ),
    PersonalTable("hub.RepairRun", names=("actor",), free=("kind", "rule", "origin")),
    PersonalTable("hub.RepairState", free=("country", "usual", "phone", "seconds")),
    PersonalTable(
        "hub.Provider", names=("actor",), holds=("settings", "counts"),
        free=("name", "form", "kind", "credentials", "policies"),  # credentials are encrypted
    ),
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
    PersonalTable(
        "hub.Hook", names=("actor",), holds=("name", "source"),
        free=("address", "scheme", "header", "secrets"),  # secrets are encrypted
    ),
    PersonalTable(
        "hub.HookCall", holds=("call_id", "body", "message", "message_params"),
        free=("digest", "state"),
    ),
    PersonalTable("hub.HookRefusal", free=("reason",)),
    PersonalTable(
        "hub.Subscription", names=("owner",), holds=("name", "address"),
        free=("events", "secrets", "cursors"),
    ),
    PersonalTable(  # what is told is named by ids alone
        "hub.Delivery", holds=("answer",), free=("event_id", "type", "refs", "state"),
    ),
    # what a value of a file meant: with the person it means nothing any more
    PersonalTable(
        "hub.Repair", holds=("value", "meant"), free=("source", "kind", "field"), is_dropped=True
    ),
    PersonalTable(
        "hub.RowProblem", holds=("file", "key", "column", "value", "suggestion", "raw"),
        free=("kind", "field", "code", "state", "choice"),
    ),
    PersonalTable(
        "hub.MissingAnswer", holds=("key",), free=("source", "kind", "answer"), is_dropped=True
    ),
)  # fmt: skip
