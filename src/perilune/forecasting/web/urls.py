"""Addresses of the forecast, under /forecast/."""

from django.urls import path

from perilune.forecasting.web.views import (
    bridge,
    calls,
    closing,
    deals,
    learning,
    moved,
    ranges,
    risk_acts,
    risks,
    rollup,
    submitting,
    track,
    value,
)

app_name = "forecasting"

urlpatterns = [
    path("", ranges.index, name="index"),
    path("runs/<int:run_id>/", ranges.run, name="run"),
    path("track-record/", track.track_record, name="track"),
    path("track-record/export.<str:form>", track.export, name="track_export"),
    path("learn/", learning.learn, name="learn"),
    path("<str:period>/deals/", deals.deals_page, name="deals"),
    path("<str:period>/deals/<int:deal_id>/", deals.deal, name="deal"),
    path("<str:period>/deals/export.<str:form>", deals.export, name="deals_export"),
    path("<str:period>/bridge/", bridge.bridge_page, name="bridge"),
    path("<str:period>/bridge/deals/", bridge.deals, name="bridge_deals"),
    path("<str:period>/bridge/export.<str:form>", bridge.export, name="bridge_export"),
    path(
        "<str:period>/bridge/deals/export.<str:form>",
        bridge.export_deals,
        name="bridge_deals_export",
    ),
    path("<str:period>/moved/", moved.moved_page, name="moved"),
    path("<str:period>/moved/export.<str:form>", moved.export, name="moved_export"),
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
    path("<str:period>/rollup/", rollup.rollup, name="rollup"),
    path("<str:period>/rollup/cell/", rollup.cell, name="cell"),
    path("<str:period>/rollup/adjust/", rollup.adjust, name="adjust"),
    path("<str:period>/rollup/withdraw/", rollup.withdraw, name="withdraw"),
    path("<str:period>/rollup/export.<str:form>", rollup.export, name="rollup_export"),
    path("<str:period>/submit/", submitting.submit, name="submit"),
    path("<str:period>/calls/", calls.calls, name="calls"),
    path("<str:period>/calls/deadline/", calls.deadline, name="deadline"),
    path("<str:period>/close/", closing.close, name="close"),
    path("<str:period>/close/<str:step>/", closing.close_step, name="close_step"),
    path("<str:period>/value/", value.value, name="value"),
    path("<str:period>/export.<str:form>", ranges.export, name="export"),
]
