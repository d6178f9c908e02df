"""Words that every room shares: money, periods, as-of, scope, kinds, errors. No Django."""
