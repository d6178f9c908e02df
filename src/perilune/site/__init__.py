"""The composition root: settings, addresses, navigation, wiring, command line."""
