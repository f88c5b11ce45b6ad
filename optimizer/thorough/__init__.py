"""Ruin and recreate with every rule of a problem."""
