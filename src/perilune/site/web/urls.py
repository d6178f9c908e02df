"""Addresses of contingencies, jobs, schedules, the journal, notices and packs."""

from django.urls import path

from perilune.site.web import (
    contingencies,
    jobs,
    journal,
    notices,
    packs,
    plan_kpis,
    schedules,
)

app_name = "site"

urlpatterns = [
    path("plan/<int:plan_id>/kpis/", plan_kpis.index, name="plan_kpis"),
    path("plan/<int:plan_id>/kpis/<int:kpi_id>/remove/", plan_kpis.remove, name="plan_kpi_remove"),
    path("contingencies/", contingencies.index, name="contingencies"),
    path("contingencies/new/", contingencies.new, name="contingency_new"),
    path("contingencies/<int:contingency_id>/", contingencies.one, name="contingency"),
    path(
        "contingencies/<int:contingency_id>/switch/",
        contingencies.switch,
        name="contingency_switch",
    ),
    path("jobs/", jobs.recent, name="jobs"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/progress/", jobs.progress, name="job_progress"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job_cancel"),
    path("schedules/", schedules.index, name="schedules"),
    path("schedules/<int:schedule_id>/run/", schedules.run, name="schedule_run"),
    path("schedules/<int:schedule_id>/switch/", schedules.switch, name="schedule_switch"),
    path("journal/", journal.index, name="journal"),
    path("journal/<int:change_set_id>/", journal.change_set, name="change_set"),
    path("journal/<int:change_set_id>/retract/", journal.retract, name="retract"),
    path("notices/", notices.index, name="notices"),
    path("notices/budget/", notices.budget, name="notices_budget"),
    path("notices/resume/", notices.resume, name="notices_resume"),
    path("notices/<int:notice_id>/deal/<int:deal_id>/", notices.open_deal, name="notice_open"),
    path("notices/<int:notice_id>/line/<int:number>/", notices.open_line, name="notice_line"),
    path("notices/<int:notice_id>/done/", notices.done, name="notice_done"),
    path("notices/<int:notice_id>/undone/", notices.undone, name="notice_undone"),
    path("pack/", packs.index, name="pack"),
    path("pack/pdf/", packs.pdf, name="pack_pdf"),
    path("pack/excel/", packs.excel, name="pack_excel"),
    path("pack/send/", packs.send, name="pack_send"),
    path("pack/<int:pack_id>/", packs.kept, name="pack_kept"),
    path("pack/<int:pack_id>/pdf/", packs.kept_pdf, name="pack_kept_pdf"),
]
