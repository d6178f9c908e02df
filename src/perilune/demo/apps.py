from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "perilune.demo"
    label = "demo"
