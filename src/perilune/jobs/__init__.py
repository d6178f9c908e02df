"""The one job queue: long jobs as chains of short steps, schedules as data."""
