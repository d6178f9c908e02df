"""Scenarios: named assumptions about people, market and prices, applied to input tables."""
