from django.urls import path

from perilune.metrics.web import views

app_name = "metrics"

urlpatterns = [
    path("cockpit/", views.cockpit, name="cockpit"),
    path("cockpit/changes/", views.changes, name="changes"),
    path("cockpit/courses/", views.courses, name="courses"),
    path("cockpit/later/<str:panel>/", views.later, name="later"),
    path("cockpit/risks/", views.risks, name="risks"),
    path("measures/", views.measures, name="measures"),
    path("measures/export/<str:form>/", views.export, name="export"),
    path("explain/<str:name>/", views.explain, name="explain"),
]
