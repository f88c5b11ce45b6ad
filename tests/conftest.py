"""Settings of the whole suite: property tests judge answers, never how fast the machine gave them."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("odograph", deadline=None, derandomize=True)
settings.load_profile("odograph")
