"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "perilune.site.settings")
application = get_wsgi_application()

from perilune.site import wiring  # noqa: E402  # its modules want Django set up

wiring.complete()
