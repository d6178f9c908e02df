"""Servers that speak another system's protocol on the loopback, for tests and trials."""
