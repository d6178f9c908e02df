"""The model behind a declared table."""

from __future__ import annotations

from django.apps import apps
from django.db import models


def model_of(label: str) -> type[models.Model]:
    """Return the model of a label such as `hub.RowProblem`."""
    return next(
        model for model in apps.get_models(include_auto_created=True) if model._meta.label == label
    )
