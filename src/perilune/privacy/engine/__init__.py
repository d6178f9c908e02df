"""Pure: what identifies a person, how it is replaced in texts, how bytes are searched for it."""
