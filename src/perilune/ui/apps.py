from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "perilune.ui"
    label = "ui"
