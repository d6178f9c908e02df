"""The Django app of metrics."""

from django.apps import AppConfig


class MetricsConfig(AppConfig):
    """It keeps no records: everything is read from the store."""

    name = "perilune.metrics"
    label = "metrics"
