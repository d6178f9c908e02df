"""Addresses of the forecast, under /forecast/."""

from django.urls import path

from perilune.forecasting.web.views import ranges

app_name = "forecasting"

urlpatterns = [
    path("", ranges.index, name="index"),
    path("runs/<int:run_id>/", ranges.run, name="run"),
    path("<str:period>/", ranges.period_page, name="period"),
    path("<str:period>/why/", ranges.why, name="why"),
    path("<str:period>/record/", ranges.record, name="record"),
    path("<str:period>/call/", ranges.call, name="call"),
    path("<str:period>/export.<str:form>", ranges.export, name="export"),
]
