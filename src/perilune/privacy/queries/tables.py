"""The model behind a declared table."""

from __future__ import annotations

from django.apps import apps
from django.db import models


def model_of(label: str) -> type[models.Model]:
    """Return the model of a label such as `hub.RowProblem`."""
    app, name = label.split(".")
    return apps.get_app_config(app).get_model(name)
