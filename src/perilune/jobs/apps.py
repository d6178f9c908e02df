"""The Django app of jobs and schedules."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Jobs with progress and cancel, and schedules."""

    name = "perilune.jobs"
    label = "jobs"
