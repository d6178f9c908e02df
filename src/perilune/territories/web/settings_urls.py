"""Addresses of the routing server, under /settings/routing/."""

from django.urls import path

from perilune.territories.web.views import routing

app_name = "routing"

urlpatterns = [
    path("", routing.index, name="index"),
    path("remove/", routing.remove, name="remove"),
]
