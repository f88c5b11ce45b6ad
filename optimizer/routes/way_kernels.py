"""Reads the ways of one worker from the travel matrices, and holds the legs that a route is made of."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimizer.kernel import inlined_kernel
from optimizer.routes.schedule_kernels import NEVER

OPEN = -1
"""Location of an end of the route that is left open."""


class RouteLegs(NamedTuple):
    """The legs of a route.

    Parameters
    ----------
    seconds
        ``(n + 1,)`` int64: travel, reload and setup before each visit, travel to the end; `NEVER` where there is no
        way.
    travel_s, metres
        ``(n + 1,)`` int64: travel alone.
    reloads
        ``(n + 1,)`` bool: whether the leg leads by way of the depot.
    """

    seconds: NDArray[np.int64]
    travel_s: NDArray[np.int64]
    metres: NDArray[np.int64]
    reloads: NDArray[np.bool_]


@inlined_kernel
def way_between(here: int, there: int, worker: Any) -> tuple[int, int]:  # noqa: ANN401 - `WorkerArrays` stands above
    """Read the seconds and metres between two locations: 0 at an open end, `NEVER` where there is no way."""
    if min(here, there) == OPEN:
        return 0, 0
    if not worker.reachable[here, there]:
        return NEVER, NEVER
    return worker.travel_s[here, there], worker.distance_m[here, there]
