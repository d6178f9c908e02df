from django.urls import path

from perilune.people.web.views import company, home, organisation, users

app_name = "people"

urlpatterns = [
    path("", home.home, name="home"),
    path("settings/", company.settings, name="settings"),
    path("settings/company/", company.company_page, name="company"),
    path("settings/rates/", company.rates, name="rates"),
    path("settings/me/", users.me, name="me"),
    path("settings/users/", users.users, name="users"),
    path("settings/users/<str:username>/", users.user, name="user"),
    path("settings/reps/", organisation.reps, name="reps"),
    path("settings/reps/new/", organisation.rep_new, name="rep_new"),
    path("settings/reps/<int:rep_id>/", organisation.rep, name="rep"),
    path("settings/teams/", organisation.teams, name="teams"),
    path("settings/quotas/", organisation.quotas, name="quotas"),
]
