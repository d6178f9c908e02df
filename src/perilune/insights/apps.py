from django.apps import AppConfig


class InsightsConfig(AppConfig):
    name = "perilune.insights"
    label = "insights"
