"""The Django app that fills the registries once everything is loaded."""

from typing import ClassVar

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The composition root."""

    name = "perilune.site"
    label = "perilune_site"
    fills_at_once: ClassVar[bool] = True
    """Whether every registry is filled at the start, or when it is first asked, as commands want:
    a server's visitors and a worker's jobs must not wait for it."""

    def ready(self) -> None:
        """Fill the kernel's registries and open the store."""
        from perilune.site import wiring

        wiring.connect()
        if self.fills_at_once:
            wiring.complete()
