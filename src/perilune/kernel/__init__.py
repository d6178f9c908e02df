"""Words that every room shares: money, periods, as-of, range, scope, kinds, errors, registries. No Django."""
