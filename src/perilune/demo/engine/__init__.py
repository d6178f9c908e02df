"""The generator: pure numpy; the truth, the streams of chance and the days are handed in."""
