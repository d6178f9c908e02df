"""Metrics: named measures with definitions, the cockpit."""
