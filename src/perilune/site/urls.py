"""Every address of the site, one capability a line."""

from django.urls import URLPattern, URLResolver, include, path

from perilune.site.web.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", include("perilune.people.web.urls")),
    path("", include("perilune.metrics.web.urls")),
    path("", include("perilune.crm.web.urls")),
    path("territories/", include("perilune.territories.web.urls")),
    path("plan/", include("perilune.planning.web.urls")),
    path("forecast/", include("perilune.forecasting.web.urls")),
    path("settings/routing/", include("perilune.territories.web.settings_urls")),
    path("settings/departures/", include("perilune.forecasting.web.departure_urls")),
    path("settings/privacy/", include("perilune.privacy.web.urls")),
    path("settings/connections/", include("perilune.hub.web.sync_urls")),
    path("settings/webhooks/", include("perilune.hub.web.hooks_urls")),
    path("hooks/", include("perilune.hub.web.calls_urls")),
    path("data/", include("perilune.hub.web.urls")),
    path("", include("perilune.site.web.urls")),
    path("api/v1/", api.urls),
    path("ui/", include("perilune.ui.web.urls")),
]

handler404 = "perilune.site.web.lost.lost"
