"""The Django app of the history."""

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Change sets, change rows, identities, custom fields."""

    name = "perilune.history"
    label = "history"
