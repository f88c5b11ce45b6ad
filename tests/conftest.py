"""Settings of the whole suite: property tests judge answers, never how fast the machine gave them."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
from hypothesis import settings

from server.compute.kernel_cache import forget_stale_kernels

forget_stale_kernels()
settings.register_profile("odograph", deadline=None, derandomize=True)
settings.load_profile("odograph")


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Undo what a command of the command line, run inside a test, did to the service's log level."""
    log = logging.getLogger("server")
    level = log.level
    yield
    log.setLevel(level)
