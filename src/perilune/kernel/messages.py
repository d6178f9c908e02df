"""Marks texts for translation where Django may not be imported."""


def gettext_noop(message: str) -> str:
    """Return the message as it is; the extraction of messages finds it by this name."""
    return message
