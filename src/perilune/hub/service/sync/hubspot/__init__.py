"""HubSpot as a source and a target: CRM v3 objects, associations (v4), owners, pipelines."""

from perilune.hub.service.sync.hubspot.asking import ADDRESS, DOORS, SCOPES
from perilune.hub.service.sync.hubspot.objects import OBJECTS
from perilune.hub.service.sync.hubspot.source import Portal
from perilune.hub.service.sync.hubspot.target import PortalTarget

__all__ = ["ADDRESS", "DOORS", "OBJECTS", "SCOPES", "Portal", "PortalTarget"]
