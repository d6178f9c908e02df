"""The Django app of the plan."""

from django.apps import AppConfig


class PlanningConfig(AppConfig):
    name = "perilune.planning"
    label = "planning"
