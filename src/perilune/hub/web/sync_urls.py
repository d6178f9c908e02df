"""Addresses of connections, under /settings/connections/."""

from django.urls import path

from perilune.hub.web.views import connections as views

app_name = "connections"

urlpatterns = [
    path("", views.index, name="index"),
    path("back/", views.arrive, name="back"),
    path("<slug:name>/", views.show, name="show"),
    path("<slug:name>/connect/", views.connect, name="connect"),
    path("<slug:name>/map/<slug:object_name>/", views.choose, name="map"),
    path("<slug:name>/sync/", views.start, name="sync"),
    path("<slug:name>/progress/", views.progress, name="progress"),
    path("<slug:name>/cancel/", views.cancel, name="cancel"),
    path("<slug:name>/schedule/", views.schedule, name="schedule"),
    path("<slug:name>/forget/", views.forget, name="forget"),
]
