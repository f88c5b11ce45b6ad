"""Fastest paths and travel matrices on a road network."""
