"""Values in their normal form, and what other data say of blank ones. Pure."""
