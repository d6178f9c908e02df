"""The look of every page: base layout, component tags, formats, exports. Knows no capability."""
