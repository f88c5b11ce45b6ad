"""What is counted about calls, for Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS_S = (0.001, 0.005, 0.02, 0.1, 0.5, 2.0, 10.0, 60.0, 600.0)


class CallMetrics:
    """Counts and times calls by method and status.

    Parameters
    ----------
    registry
        Where the figures are offered. Each service has its own, so that two in one process do not mix.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._calls = Counter("odograph_calls", "Calls that ended.", ["method", "status"], registry=registry)
        self._running = Gauge("odograph_calls_running", "Calls that are running.", ["method"], registry=registry)
        self._seconds = Histogram(
            "odograph_call_seconds", "How long calls took.", ["method"], registry=registry, buckets=_BUCKETS_S
        )

    @contextmanager
    def timing(self, method: str) -> Iterator[Callable[[str], None]]:
        """Count and time the block.

        Parameters
        ----------
        method
            Full name of the method.

        Yields
        ------
        Callable[[str], None]
            To be called with the name of the call's status.
        """
        started = time.perf_counter()
        status = "UNKNOWN"

        def name_status(name: str) -> None:
            nonlocal status
            status = name

        self._running.labels(method).inc()
        try:
            yield name_status
        finally:
            self._running.labels(method).dec()
            self._calls.labels(method, status).inc()
            self._seconds.labels(method).observe(time.perf_counter() - started)
