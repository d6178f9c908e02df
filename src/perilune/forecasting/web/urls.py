"""Addresses of the forecast, under /forecast/."""

from django.urls import path

from perilune.forecasting.web.views import ranges, risk_acts, risks

app_name = "forecasting"

urlpatterns = [
    path("", ranges.index, name="index"),
    path("runs/<int:run_id>/", ranges.run, name="run"),
    path("<str:period>/risks/", risks.index, name="risks"),
    path("<str:period>/risks/act/", risk_acts.act, name="risks_act"),
    path("<str:period>/risks/helped/", risks.helped, name="risks_helped"),
    path("<str:period>/risks/export.<str:form>", risks.export, name="risks_export"),
    path("<str:period>/risks/deal/<int:deal_id>/", risks.why, name="risk"),
    path("<str:period>/risks/of/<str:kind>/", risks.portfolio, name="portfolio_risk"),
    path("<str:period>/", ranges.period_page, name="period"),
    path("<str:period>/why/", ranges.why, name="why"),
    path("<str:period>/record/", ranges.record, name="record"),
    path("<str:period>/call/", ranges.call, name="call"),
    path("<str:period>/export.<str:form>", ranges.export, name="export"),
]
