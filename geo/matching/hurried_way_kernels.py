"""Finds ways in a path that nobody can have driven in their time: there the map lacks a road.

Between sparse fixes the roads of the map always offer some way. Where the road that was driven is missing, it is a
detour, and how it differs from a true way is that there was no time for it. How long ways take, the track itself shows:
the duration by the map's speeds, divided by the time that passed, is nearly the same for all ways of one driver, and
only waiting makes it smaller. A way that would have to be driven much faster than the others of its track, and is
longer than the straight line by more than noise, is looked for anew under the condition that it is shorter. Where it
stays hurried, the straight line takes its place, as a part off the roads. Where the map knows no speeds, or the driver
keeps to none, the shares scatter and little is called hurried.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from geo.kernel_types import inner_kernel, int64
from geo.matching.end_kernels import seconds_between
from geo.matching.path_kernels import LINK_ROAD, LINK_STRAIGHT, Path
from geo.matching.records import Records

_LEAST_MS = 20_000
"""With less time between fixes, detours are short and the distances between fixes little but noise."""
_LEAST_STEP_M = 200.0
"""Shorter steps say little about the speed: noise and standing still are a large part of them."""
_FEWEST_WAYS = 5
_USUAL_SPREAD = 0.4
_USUAL_WEIGHT = 5.0
"""Logarithms of the shares scatter by so much, which is believed like so many ways."""
_UPPER_QUANTILE = 0.8
_UPPER_SIGMAS = 0.8416
"""Standard deviations that the quantile of a normal law lies above its median."""
_HURRIED_SIGMAS = 2.5
_HURRIED_FACTOR = 1.3
"""Hurried is what is faster than usual by both: so many standard deviations, and so many times."""
_LEAST_DETOUR = 1.1
_LEAST_DETOUR_M = 50.0
"""Detours are longer than so many straight lines, and the metres in addition."""
_BINS = 400
_BIN = 0.02


@njit(nogil=True, cache=True)
def shorten_reach(edges: Records, time_ms: NDArray[np.int64], layers: Records, path: Path) -> bool:
    """Find the hurried ways of a path, and let the observations that they lead to be reached by shorter ways only.

    Parameters
    ----------
    edges
        ``(m,)`` `EDGE`.
    time_ms
        ``(k,)`` times of the believed points.
    layers
        ``(t,)`` `LAYER`, whose ``reach_m`` is made shorter at hurried ways: to what would not be hurried yet.
    path
        A path.

    Returns
    -------
    bool
        Whether any way is hurried.
    """
    hurry, most = _hurry(edges, time_ms, layers, path)
    is_any = False
    for number in range(1, len(layers)):
        if hurry[number] > most and _is_detour(layers, path, int64(number)):  # false where it is not known
            layer = layers[number]
            unhurried_m = _metres_between(path, int64(number)) * math.exp(most - hurry[number])
            layer["reach_m"] = min(layer["reach_m"], unhurried_m)
            is_any = True
    return is_any


@njit(nogil=True, cache=True)
def leave_hurried_ways(edges: Records, time_ms: NDArray[np.int64], layers: Records, path: Path) -> None:
    """Replace the hurried ways of a path by straight lines.

    Parameters
    ----------
    edges, time_ms, layers
        As for `shorten_reach`; nothing is changed.
    path
        The path, whose `Path.link` is changed in place; its parts stay, those of such ways unused.
    """
    hurry, most = _hurry(edges, time_ms, layers, path)
    for number in range(1, len(layers)):
        if hurry[number] > most and _is_detour(layers, path, int64(number)):  # false where it is not known
            path.link[number] = LINK_STRAIGHT


@inner_kernel
def _hurry(
    edges: Records, time_ms: NDArray[np.int64], layers: Records, path: Path
) -> tuple[NDArray[np.float64], float]:
    """Logarithm of duration by time passed of the way to each observation (NaN where it says little), and the most."""
    count = len(layers)
    hurry = np.full(count, math.nan)
    ways = 0
    for number in range(1, count):
        passed_ms = _passed_ms(time_ms, layers, number)
        is_sparse = path.link[number] == LINK_ROAD and passed_ms >= _LEAST_MS
        if is_sparse and layers[number]["step_m"] >= _LEAST_STEP_M:
            way_s = seconds_between(edges, path, int64(number))
            if way_s > 0.0:
                hurry[number] = math.log(1000.0 * way_s / passed_ms)
                ways += 1
    return hurry, _most_hurry(hurry, ways) if ways >= _FEWEST_WAYS else math.inf


@inner_kernel
def _is_detour(layers: Records, path: Path, number: int) -> bool:
    """Whether the way to an observation is longer than the straight line by more than noise."""
    return bool(_metres_between(path, number) > _LEAST_DETOUR * layers[number]["step_m"] + _LEAST_DETOUR_M)


@inner_kernel
def _passed_ms(time_ms: NDArray[np.int64], layers: Records, number: int) -> int:
    return int64(time_ms[layers[number]["first"]] - time_ms[layers[number - 1]["last"]])


@inner_kernel
def _most_hurry(hurry: NDArray[np.float64], ways: int) -> float:
    """Logarithm of the share that is not hurried yet, by median and upper spread of those that are known."""
    counts = np.zeros(_BINS, np.int64)
    for value in hurry:
        if not math.isnan(value):
            counts[min(max(int64(math.floor(value / _BIN)) + _BINS // 2, 0), _BINS - 1)] += 1
    median = _quantile(counts, 0.5 * ways)
    spread = (_quantile(counts, _UPPER_QUANTILE * ways) - median) / _UPPER_SIGMAS
    usual = _USUAL_WEIGHT * _USUAL_SPREAD * _USUAL_SPREAD
    spread = math.sqrt((ways * spread * spread + usual) / (ways + _USUAL_WEIGHT))
    return median + max(_HURRIED_SIGMAS * spread, math.log(_HURRIED_FACTOR))


@inner_kernel
def _quantile(counts: NDArray[np.int64], rank: float) -> float:
    """Value below which so many lie, by the numbers in bins of even width around 0."""
    below = 0
    for place in range(_BINS):
        if below + counts[place] >= rank and counts[place] > 0:
            return float(place - _BINS // 2 + (rank - below) / counts[place]) * _BIN
        below += counts[place]
    return 0.5 * _BINS * _BIN


@inner_kernel
def _metres_between(path: Path, number: int) -> float:
    """Metres of the way to an observation from the one before."""
    first, last = path.leave[number - 1], path.arrive[number]
    total_m = 0.0
    for part in range(first, last + 1):
        from_m = path.along_m[number - 1] if part == first else path.from_m[part]
        to_m = path.along_m[number] if part == last else path.to_m[part]
        total_m += max(0.0, to_m - from_m)
    return total_m
