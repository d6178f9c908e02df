"""Addresses that other systems call, under /hooks/."""

from django.urls import path

from perilune.hub.web.views import calls

app_name = "calls"

urlpatterns = [path("<str:address>/", calls.receive, name="receive")]
