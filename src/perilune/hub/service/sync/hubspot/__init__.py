"""HubSpot as a source: CRM v3 objects, their associations (v4), owners, pipelines, properties."""

from perilune.hub.service.sync.hubspot.asking import ADDRESS, DOORS, SCOPES
from perilune.hub.service.sync.hubspot.objects import OBJECTS
from perilune.hub.service.sync.hubspot.source import Portal

__all__ = ["ADDRESS", "DOORS", "OBJECTS", "SCOPES", "Portal"]
