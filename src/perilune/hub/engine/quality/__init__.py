"""Data quality as pure functions: rules in force, forms, scores, what implies what."""
