"""The demo: a real city, a planned day, and a simulated one to compare it with."""
