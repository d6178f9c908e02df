"""Addresses of webhooks, under /settings/webhooks/."""

from django.urls import path

from perilune.hub.web.views import hooks as views

app_name = "hooks"

urlpatterns = [
    path("", views.index, name="index"),
    path("in/", views.add_hook, name="add_hook"),
    path("in/<int:hook_id>/", views.hook, name="hook"),
    path("in/<int:hook_id>/<slug:what>/", views.hook_verb, name="hook_verb"),
    path("out/", views.add_subscription, name="add_subscription"),
    path("out/<int:subscription_id>/", views.subscription, name="subscription"),
    path(
        "out/<int:subscription_id>/<slug:what>/", views.subscription_verb,
        name="subscription_verb",
    ),
    path("again/", views.again, name="again"),
]  # fmt: skip
