"""Addresses of the forecast, under /forecast/."""

from django.urls import path

from perilune.forecasting.web import views

app_name = "forecasting"

urlpatterns = [
    path("", views.index, name="index"),
    path("runs/<int:run_id>/", views.run, name="run"),
    path("<str:period>/", views.period_page, name="period"),
    path("<str:period>/why/", views.why, name="why"),
    path("<str:period>/record/", views.record, name="record"),
    path("<str:period>/call/", views.call, name="call"),
    path("<str:period>/export.<str:form>", views.export, name="export"),
]
