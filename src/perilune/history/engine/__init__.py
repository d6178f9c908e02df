"""Pure replay of change rows."""
