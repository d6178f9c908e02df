"""A fake of any REST interface with lists in JSON: every way of paging, coming in and failing."""

from tests.fakes.rest.server import Interface, Serving, serve

__all__ = ["Interface", "Serving", "serve"]
