"""The rights of people in the data: finding, export, erasure with proof, retention, consent."""
