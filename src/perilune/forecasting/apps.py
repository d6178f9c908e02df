"""The Django app of the forecast."""

from django.apps import AppConfig


class ForecastingConfig(AppConfig):
    name = "perilune.forecasting"
    label = "forecasting"
