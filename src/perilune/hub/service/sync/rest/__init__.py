"""Any REST interface that gives lists of rows in JSON, as a source."""

from perilune.hub.service.sync.rest.asking import LOGINS, checked
from perilune.hub.service.sync.rest.probing import Reader

__all__ = ["LOGINS", "Reader", "checked"]
