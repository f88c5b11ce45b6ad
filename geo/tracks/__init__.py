"""Tracks as recorded: cleaning and stays."""
