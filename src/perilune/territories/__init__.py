"""Territories: who sells what, where. Balanced, connected, compact areas with a certificate."""
