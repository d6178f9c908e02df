"""Addresses of departures, under /settings/departures/."""

from django.urls import path

from perilune.forecasting.web.views import departures

app_name = "departures"

urlpatterns = [
    path("", departures.index, name="index"),
    path("new/<int:rep_id>/<str:going>/", departures.new, name="new"),
    path("<int:departure_id>/", departures.departure, name="departure"),
    path("<int:departure_id>/forecast/", departures.forecast, name="forecast"),
    path("<int:departure_id>/share/", departures.share, name="share"),
    path("<int:departure_id>/do/<str:verb>/", departures.act, name="act"),
    path("<int:departure_id>/step/<str:step>/", departures.step, name="step"),
]
