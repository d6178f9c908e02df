"""Which database holds what: queue, progress and sessions live apart from the records."""

from __future__ import annotations

from typing import Any

from django.conf import settings

_APART = {"django_q", "sessions", "jobs"}


class QueueRouter:
    """Sends the busy tables to the queue's database, so that they never lock the records."""

    def db_for_read(self, model: Any, **hints: Any) -> str | None:
        """Return the alias to read a model from."""
        return settings.QUEUE_DATABASE if model._meta.app_label in _APART else None

    db_for_write = db_for_read

    def allow_relation(self, one: Any, other: Any, **hints: Any) -> bool | None:
        """Leave relations to Django's own rule."""
        return None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        """Make each table in its own database only."""
        if settings.QUEUE_DATABASE == "default":
            return None
        return (db == settings.QUEUE_DATABASE) == (app_label in _APART)
