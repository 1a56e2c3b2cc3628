"""Studies: each answers one question about every frame while the network runs."""
