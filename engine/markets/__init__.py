"""Prices in: files, recorded feeds and the simulated market."""
