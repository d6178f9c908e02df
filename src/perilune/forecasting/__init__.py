"""The forecast range, its track record, recorded runs, submitted forecasts."""
