"""The doors in and out: imports."""
