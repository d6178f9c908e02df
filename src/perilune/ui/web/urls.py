from django.urls import path

from perilune.ui.web import views

app_name = "ui"
urlpatterns = [
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/explain/", views.explain, name="gallery-explain"),
    path("gallery/field/", views.edited_field, name="gallery-field"),
]
