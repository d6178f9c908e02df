"""The Django app that fills the registries once everything is loaded."""

from django.apps import AppConfig


class SiteConfig(AppConfig):
    """The composition root."""

    name = "perilune.site"
    label = "perilune_site"

    def ready(self) -> None:
        """Fill the kernel's registries and open the store."""
        from django.conf import settings

        from perilune.site import wiring

        wiring.connect()
        if settings.PERILUNE_FILLS_AT_ONCE:
            wiring.complete()
