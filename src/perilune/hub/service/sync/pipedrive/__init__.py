"""Pipedrive as a source and a target: API v2 with cursors, the changelog of deals, users."""

from perilune.hub.service.sync.pipedrive.asking import DOORS
from perilune.hub.service.sync.pipedrive.objects import OBJECTS
from perilune.hub.service.sync.pipedrive.source import Account
from perilune.hub.service.sync.pipedrive.target import AccountTarget

__all__ = ["DOORS", "OBJECTS", "Account", "AccountTarget"]
