"""Enrichment: providers kept, asked in jobs, what they say put among the proposals."""

from perilune.hub.service.enriching.keeping import (
    policies_set,
    provider_remove,
    provider_set,
    service_set,
)
from perilune.hub.service.enriching.running import ENRICH, MOST_FILE, enrich, enrich_start

__all__ = [
    "ENRICH",
    "MOST_FILE",
    "enrich",
    "enrich_start",
    "policies_set",
    "provider_remove",
    "provider_set",
    "service_set",
]
