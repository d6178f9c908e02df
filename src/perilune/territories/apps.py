"""The Django app of the territories."""

from django.apps import AppConfig


class TerritoriesConfig(AppConfig):
    name = "perilune.territories"
    label = "territories"
