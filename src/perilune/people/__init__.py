"""Users, roles, reps, teams, hire and leave dates, quotas, the calendar, and the access gate."""
