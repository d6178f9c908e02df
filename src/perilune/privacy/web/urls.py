"""Addresses of privacy, under /settings/privacy/."""

from django.urls import path

from perilune.privacy.web.views import consent, dossiers, retention

app_name = "privacy"

urlpatterns = [
    path("", dossiers.index, name="index"),
    path("open/", dossiers.open_one, name="open"),
    path("retention/", retention.index, name="retention"),
    path("retention/<int:rule_id>/", retention.change, name="rule"),
    path("consent/<slug:kind>/<int:record_id>/", consent.note, name="consent"),
    path("<int:dossier_id>/", dossiers.show, name="show"),
    path("<int:dossier_id>/progress/", dossiers.progress, name="progress"),
    path("<int:dossier_id>/export/", dossiers.take_out, name="export"),
    path("<int:dossier_id>/change/", dossiers.change, name="change"),
]
