"""Marks texts for translation where Django may not be imported."""


def gettext_noop(message: str) -> str:
    """Return the message as it is; the extraction of messages finds it by this name."""
    return message


def ngettext_noop(singular: str, plural: str) -> tuple[str, str]:
    """Return both forms of a message as they are; the extraction finds them by this name."""
    return singular, plural
