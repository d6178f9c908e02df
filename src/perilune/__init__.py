"""Perilune: mission control for a sales force, a self-hosted Sales Operations platform."""

__version__ = "0.1.0"
