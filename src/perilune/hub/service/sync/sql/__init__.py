"""A company's SQL database as a source."""

from perilune.hub.service.sync.sql.opening import EXAMPLE, checked_url
from perilune.hub.service.sync.sql.probing import Reader

__all__ = ["EXAMPLE", "Reader", "checked_url"]
