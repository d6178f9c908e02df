"""Computation of the imports: files, mappings, values, proof, difference. Pure."""
