"""Pure rules of when a schedule runs."""
