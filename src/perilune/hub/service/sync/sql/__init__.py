"""A company's SQL database as a source.

Nothing imports it before a database is connected: SQLAlchemy would be a fifth of the start.
"""

from perilune.hub.service.sync.sql.opening import checked_url
from perilune.hub.service.sync.sql.probing import Reader

__all__ = ["Reader", "checked_url"]
