"""Geometric computing beside the event loop: bounded threads, and road networks opened once."""
