"""Pages of the house itself: jobs, schedules, the journal of changes."""
