"""The one verb of the demo: build the company in an empty home, through the services alone."""

from perilune.demo.service.building import RECORDED_WEEKS, demo_build

__all__ = ["RECORDED_WEEKS", "demo_build"]
