"""Addresses of connections, under /settings/connections/."""

from django.urls import path

from perilune.hub.web.views import batches, sources, writing
from perilune.hub.web.views import connections as views

app_name = "connections"

urlpatterns = [
    path("", views.index, name="index"),
    path("back/", views.arrive, name="back"),
    path("<slug:name>/", views.show, name="show"),
    path("<slug:name>/connect/", views.connect, name="connect"),
    path("<slug:name>/map/<slug:object_name>/", views.choose, name="map"),
    path("<slug:name>/objects/", sources.add, name="object_add"),
    path("<slug:name>/objects/<slug:object_name>/", sources.edit, name="object"),
    path("<slug:name>/objects/<slug:object_name>/drop/", sources.drop, name="object_drop"),
    path("<slug:name>/sync/", views.start, name="sync"),
    path("<slug:name>/progress/", views.progress, name="progress"),
    path("<slug:name>/cancel/", views.cancel, name="cancel"),
    path("<slug:name>/schedule/", views.schedule, name="schedule"),
    path("<slug:name>/forget/", views.forget, name="forget"),
    path("write-part/<int:set_id>/", writing.part, name="write_part"),
    path("<slug:name>/write/", writing.index, name="write"),
    path("<slug:name>/write/fields/<slug:object_name>/", writing.fields, name="write_fields"),
    path("<slug:name>/write/<int:batch_id>/", batches.batch, name="batch"),
    path("<slug:name>/write/<int:batch_id>/progress/", batches.progress, name="batch_progress"),
    path("<slug:name>/write/<int:batch_id>/<slug:what>/", batches.verb, name="batch_verb"),
]
