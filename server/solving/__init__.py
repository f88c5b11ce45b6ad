"""Searches in warm child processes: OR-Tools holds the interpreter for a whole search."""
