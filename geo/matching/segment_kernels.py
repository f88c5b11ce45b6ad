"""Cuts a part of the best path out: its edges, where they were entered and left, and when."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import merged_kernel
from geo.matching.path_kernels import Path
from geo.matching.records import Records

_LEAST_WEIGHT_M = 1e-3
"""Some weight for observations at one place."""


class Observed(NamedTuple):
    """When the observations were made, and how sure the roads between them are, ``t`` of each.

    Parameters
    ----------
    first_ms, last_ms
        ``(t,)`` int64 Unix milliseconds of the first and last point of each observation.
    step_m
        ``(t,)`` float64 metres from the observation before.
    link_confidence
        ``(t,)`` float64 probability that a metre of the road to each observation was driven.
    """

    first_ms: NDArray[np.int64]
    last_ms: NDArray[np.int64]
    step_m: NDArray[np.float64]
    link_confidence: NDArray[np.float64]


class RoadPart(NamedTuple):
    """A part of a path along the roads, as in `MatchSegment`."""

    edge: NDArray[np.int32]
    from_fraction: NDArray[np.float64]
    to_fraction: NDArray[np.float64]
    entry_ms: NDArray[np.int64]
    length_m: float


@njit(nogil=True, cache=True)
def road_between(edges: Records, path: Path, observed: Observed, start: int, end: int) -> RoadPart:
    """Cut the path between two observations out; parts of edges without length are left out, unless there is no other.

    The times at which edges are entered are interpolated between the observations, by distance.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    path
        The best path; roads join all observations from `start` to `end`.
    observed
        The observations.
    start, end
        Numbers of two observations.

    Returns
    -------
    RoadPart
        The part.
    """
    first, count = path.leave[start], path.arrive[end] - path.leave[start] + 1
    from_m, to_m = path.from_m[first : first + count].copy(), path.to_m[first : first + count].copy()
    if path.leave[start] == path.arrive[start]:
        from_m[0] = path.along_m[start]
    to_m[-1] = path.along_m[end]
    entered_m = np.zeros(count + 1)
    for part in range(count):
        to_m[part] = max(to_m[part], from_m[part])
        entered_m[part + 1] = entered_m[part] + to_m[part] - from_m[part]
    passed_m = np.zeros(end - start + 1)
    for layer in range(start + 1, end + 1):
        part = path.arrive[layer] - first
        reached_m = entered_m[part] + path.along_m[layer] - from_m[part]
        passed_m[layer - start] = max(passed_m[layer - start - 1], reached_m)
    entry_ms = _times_at(entered_m, passed_m, observed, start)
    edge = path.edge[first : first + count].copy()
    used = 0
    for part in range(count):
        if to_m[part] > from_m[part] or (part == 0 and entered_m[count] == 0.0):
            length_m = edges[edge[part]]["length_m"]
            edge[used], entry_ms[used] = edge[part], entry_ms[part]
            from_m[used] = min(max(from_m[part] / length_m, 0.0), 1.0)
            to_m[used] = min(max(to_m[part] / length_m, 0.0), 1.0)
            used += 1
    return RoadPart(edge[:used], from_m[:used], to_m[:used], entry_ms[:used], entered_m[count])


@merged_kernel
def _times_at(
    entered_m: NDArray[np.float64], passed_m: NDArray[np.float64], observed: Observed, start: int
) -> NDArray[np.int64]:
    """Interpolate between observations that were passed after so many metres when parts were entered."""
    times_ms = np.empty(len(entered_m) - 1, np.int64)
    last = len(passed_m) - 1
    passed, passed_ms = 0, observed.last_ms[start]
    for part in range(len(times_ms)):
        while passed < last and passed_m[passed + 1] <= entered_m[part]:
            passed += 1
            passed_ms = observed.first_ms[start + passed]
        times_ms[part] = passed_ms
        if passed < last:
            share = (entered_m[part] - passed_m[passed]) / (passed_m[passed + 1] - passed_m[passed])
            times_ms[part] += np.int64(np.rint(share * (observed.first_ms[start + passed + 1] - passed_ms)))
    return times_ms


@njit(nogil=True, cache=True)
def confidence_between(observed: Observed, start: int, end: int) -> tuple[float, float]:
    """Mean confidence over the metres between two observations, and metres by which wrong ways may change the length.

    Parameters
    ----------
    observed
        The observations.
    start, end
        Numbers of two observations.

    Returns
    -------
    tuple[float, float]
        The mean, and the root of the sum over links of doubt times squared metres.
    """
    sure_m, all_m, doubt_2 = 0.0, 0.0, 0.0
    for link in range(start + 1, end + 1):
        step_m = max(observed.step_m[link], _LEAST_WEIGHT_M)
        sure_m += observed.link_confidence[link] * step_m
        all_m += step_m
        doubt_2 += (1.0 - observed.link_confidence[link]) * observed.step_m[link] ** 2
    return sure_m / all_m, math.sqrt(doubt_2)
