"""What privacy keeps outside the history: dossiers, what is kept out, consent, retention."""

from perilune.privacy.models.consent import ConsentEntry
from perilune.privacy.models.dossiers import Dossier, Suppressed
from perilune.privacy.models.retention import RetentionRule, RetentionRun

__all__ = ["ConsentEntry", "Dossier", "RetentionRule", "RetentionRun", "Suppressed"]
